import { SEARCHES_WAITING, SEARCHES_WAITING_PER_ADDRESS, SEARCHES_WAITING_PER_PERSON } from '@concord/protocol'; // prettier-ignore
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SearchQueue } from './search-queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ann = { userId: 'ann', network: '192.0.2.1' };

/** A search that ends when it is told to. */
function heldSearch() {
  let end = (_found: string): void => {};
  const started = vi.fn();
  const search = (signal: AbortSignal): Promise<string> => {
    started();
    return new Promise((resolve, reject) => {
      end = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  };
  return { search, started, end: (found: string) => end(found) };
}

describe('searches', () => {
  it('of one person run one at a time, also after a failure', async () => {
    const queue = new SearchQueue();
    const [first, second] = [heldSearch(), heldSearch()];
    const running = queue.run(ann, first.search);
    const failing = queue.run(ann, () => Promise.reject(new Error('no index')));
    const waiting = queue.run(ann, second.search);
    await vi.advanceTimersByTimeAsync(0);
    expect(second.started).not.toHaveBeenCalled();
    first.end('first');
    expect(await running).toBe('first');
    await expect(failing).rejects.toThrow('no index');
    await vi.advanceTimersByTimeAsync(0);
    second.end('second');
    expect(await waiting).toBe('second');
    expect(queue.size).toBe(0);
  });

  it('of several people run concurrently', async () => {
    const queue = new SearchQueue();
    const held = heldSearch();
    const long = queue.run(ann, held.search);
    expect(await queue.run({ ...ann, userId: 'bob' }, () => Promise.resolve('found'))).toBe(
      'found',
    );
    held.end('');
    await long;
  });

  it('are refused when the queue of the person, of the address or of all is full', async () => {
    const queue = new SearchQueue();
    const held: Promise<unknown>[] = [];
    const fill = (count: number, searcher: (place: number) => typeof ann): void => {
      for (let place = 0; place < count; place += 1) {
        held.push(queue.run(searcher(place), heldSearch().search).catch((error: unknown) => error));
      }
    };
    const ask = (searcher: typeof ann) => queue.run(searcher, () => Promise.resolve('found'));
    fill(1 + SEARCHES_WAITING_PER_PERSON, () => ann);
    await expect(ask(ann)).rejects.toMatchObject({ code: 'searchesWaiting' });
    fill(SEARCHES_WAITING_PER_ADDRESS, (place) => ({ userId: `u${place}`, network: 'school' }));
    await expect(ask({ userId: 'next', network: 'school' })).rejects.toMatchObject({
      code: 'searchesWaiting',
    });
    fill(SEARCHES_WAITING - held.length, (place) => ({ userId: `v${place}`, network: `${place}` }));
    await expect(ask({ userId: 'x', network: 'x' })).rejects.toMatchObject({
      code: 'searchesBusy',
    });
    await vi.advanceTimersByTimeAsync(60_000);
    for (const outcome of await Promise.all(held))
      expect(outcome).toMatchObject({ code: 'searchesBusy' });
    expect(await ask(ann)).toBe('found');
    expect(queue.size).toBe(0);
  });

  it('are aborted at their deadline, and the next one of the person starts', async () => {
    const queue = new SearchQueue(1_000);
    const given = queue.run(ann, heldSearch().search).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(500);
    const next = queue.run(ann, () => Promise.resolve('found'));
    await vi.advanceTimersByTimeAsync(500);
    expect(await given).toMatchObject({ code: 'searchesBusy' });
    expect(await next).toBe('found');
  });
});
