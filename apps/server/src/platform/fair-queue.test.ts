import { describe, expect, it } from 'vitest';
import { FairQueue, QueueFullError, type QueuedWork } from './fair-queue.ts';

const limits = {
  slots: 2,
  heavySlots: 1,
  waitingPerPerson: 3,
  waitingSizePerLane: 100,
  waitingSize: 150,
};

/** A queue whose work ends when the test tells it to. */
function scene() {
  const queue = new FairQueue(limits);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const failures: string[] = [];
  const add = (name: string, work: Partial<QueuedWork<void>> = {}): void => {
    const [lane = '', person = ''] = name.split('/');
    const run = (): Promise<void> => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, resolve));
    };
    queue
      .run({ lane, person: `${lane}/${person}`, isHeavy: false, size: 1, run, ...work })
      .catch((error: unknown) => {
        failures.push(error instanceof QueueFullError ? `${name} ${error.whose}` : String(error));
      });
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const end = (name: string): Promise<void> => {
    ends.get(name)?.();
    return settled();
  };
  return { add, end, settled, begun, failures };
}

describe('a queue shared by many people', () => {
  it('runs one piece of work per person at a time, round-robin between people', async () => {
    const { add, end, begun } = scene();
    for (const name of ['a/x/1', 'a/x/2', 'a/x/3', 'b/y/1', 'c/z/1']) add(name);
    expect(begun).toEqual(['a/x/1', 'b/y/1']);
    await end('a/x/1');
    // The second of the same person waits for the person who has not had a turn.
    expect(begun).toEqual(['a/x/1', 'b/y/1', 'c/z/1']);
    await end('b/y/1');
    expect(begun.at(-1)).toBe('a/x/2');
  });

  it('gives a lane of many people the share of one person', async () => {
    const { add, end, begun } = scene();
    for (const person of ['p', 'q', 'r', 's', 't']) add(`crowd/${person}`);
    add('b/y/1');
    expect(begun).toEqual(['crowd/p', 'crowd/q']);
    await end('crowd/p');
    expect(begun.at(-1)).toBe('b/y/1');
  });

  it('keeps a slot free of heavy work', () => {
    const { add, begun } = scene();
    for (const lane of ['a', 'b', 'c']) add(`${lane}/x`, { isHeavy: true });
    expect(begun).toEqual(['a/x']);
    add('d/x');
    expect(begun).toEqual(['a/x', 'd/x']);
  });

  it('refuses a person whose queue is full, and no other', async () => {
    const { add, settled, begun, failures } = scene();
    for (let number = 1; number <= 6; number++) add(`a/x/${number}`);
    await settled();
    expect(failures).toEqual(['a/x/5 own', 'a/x/6 own']);
    add('b/y/1');
    expect(begun).toEqual(['a/x/1', 'b/y/1']);
  });

  it('bounds the queued size per lane and in all, but accepts a single one of any size', async () => {
    const { add, settled, failures } = scene();
    add('a/p');
    add('b/p');
    add('c/p', { size: 500 });
    expect(failures).toEqual([]);
    add('c/q', { size: 1 });
    add('d/p', { size: 1 });
    await settled();
    expect(failures).toEqual(['c/q own', 'd/p all']);
  });

  it('continues after work that failed', async () => {
    const { add, settled, begun, failures } = scene();
    const run = () => Promise.reject(new Error('no'));
    for (const name of ['a/x', 'b/x', 'c/x']) add(name, { run });
    await settled();
    expect(failures).toEqual(['Error: no', 'Error: no', 'Error: no']);
    add('a/y');
    expect(begun).toEqual(['a/y']);
  });
});
