import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ending } from './ending.ts';

let exits: number[];
let ending: Ending;
let stops: number;
let finish: (error?: Error) => void;
const stop = (): Promise<void> => {
  stops += 1;
  return new Promise((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
};
const settled = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);

beforeEach(() => {
  vi.useFakeTimers();
  exits = [];
  stops = 0;
  const log = { info: () => {}, error: () => {}, fatal: () => {} };
  ending = new Ending({ log, exit: (code) => void exits.push(code) });
});
afterEach(() => vi.useRealTimers());

describe('a process', () => {
  it('that is told to end stops the server once, and exits with 0 when that is done', async () => {
    ending.started(stop);
    ending.request('SIGTERM');
    ending.request('SIGINT');
    await settled();
    expect([stops, exits]).toEqual([1, []]);
    finish();
    await settled();
    expect(exits).toEqual([0]);
  });

  it('that is told to end while it starts does so when there is something to stop', async () => {
    ending.request('SIGTERM');
    await settled();
    expect(exits).toEqual([]);
    ending.started(stop);
    finish();
    await settled();
    expect([stops, exits]).toEqual([1, [0]]);
  });

  it('with a fault drains, and the exit code tells', async () => {
    ending.started(stop);
    ending.fault(new Error('boom'));
    finish();
    await settled();
    expect([stops, exits]).toEqual([1, [70]]);
  });

  it('with a fault before it serves has nothing to drain', () => {
    ending.fault(new Error('boom'));
    expect(exits).toEqual([70]);
  });

  it('with a fault while it stops still stops, and the exit code tells', async () => {
    ending.started(stop);
    ending.request('SIGTERM');
    ending.fault(new Error('boom'));
    ending.fault(new Error('boom'));
    finish();
    await settled();
    expect([stops, exits]).toEqual([1, [70]]);
  });

  it('that cannot stop orderly says so by its exit code', async () => {
    ending.started(stop);
    ending.request('SIGTERM');
    finish(new Error('the disk is gone'));
    await settled();
    expect(exits).toEqual([70]);
  });

  it('whose disk hangs ends all the same: after 20 seconds, or 5 after a fault', async () => {
    ending.started(stop);
    ending.request('SIGTERM');
    await vi.advanceTimersByTimeAsync(19_999);
    expect(exits).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(exits).toEqual([75]);
    const other = new Ending({
      log: { info: () => {}, error: () => {}, fatal: () => {} },
      exit: (code) => void exits.push(code),
    });
    other.started(stop);
    other.fault(new Error('boom'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(exits).toEqual([75, 75]);
  });
});
