import { pino } from 'pino';
import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { Guard } from './guard.ts';

let faults: string[];
let lines: Record<string, unknown>[];
let now: number;
let guard: Guard;
beforeEach(() => {
  faults = [];
  lines = [];
  now = 0;
  const stream = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
  const metrics = { fault: (place: string) => void faults.push(place) };
  guard = new Guard({ log: pino(stream), metrics, now: () => now });
});

const boom = (): never => {
  throw new Error('boom');
};

describe('a guard', () => {
  it('passes the result of a successful action, without refusing the peer', async () => {
    let refused = 0;
    await guard.run(
      'message',
      () => {},
      () => refused++,
    );
    await guard.run(
      'message',
      async () => {},
      () => refused++,
    );
    expect([refused, faults, lines]).toEqual([0, [], []]);
  });

  it('refuses the peer whose message throws or rejects, and logs and counts the place', async () => {
    let refused = 0;
    await guard.run('message', boom, () => refused++);
    await guard.run(
      'timer',
      async () => boom(),
      () => refused++,
    );
    expect(refused).toBe(2);
    expect(faults).toEqual(['message', 'timer']);
    expect(lines).toMatchObject([{ place: 'message' }, { place: 'timer' }]);
  });

  it('refuses synchronously when the action throws synchronously', () => {
    let refused = 0;
    void guard.run('message', boom, () => refused++);
    expect(refused).toBe(1);
  });

  it('contains a refusal that throws too', async () => {
    await guard.run('message', boom, boom);
    expect(faults).toEqual(['message', 'message']);
  });

  it('logs ten faults of a place in a minute, counts them all, and logs again in the next', () => {
    for (let fault = 0; fault < 1_000; fault++) guard.caught('message', new Error('again'));
    expect(faults).toHaveLength(1_000);
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)?.['msg']).toContain('only counted');
    now += 60_000;
    guard.caught('message', new Error('again'));
    expect(lines).toHaveLength(11);
  });
});
