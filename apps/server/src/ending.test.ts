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
const log = { info: () => {}, error: () => {}, fatal: () => {} };
const settled = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);

beforeEach(() => {
  vi.useFakeTimers();
  exits = [];
  stops = 0;
  ending = new Ending({ log, exit: (code) => void exits.push(code) });
});
afterEach(() => vi.useRealTimers());

describe('a process', () => {
  it('stops the server once on request, and then exits with 0', async () => {
    ending.started(stop);
    ending.request('SIGTERM');
    ending.request('SIGINT');
    await settled();
    expect([stops, exits]).toEqual([1, []]);
    finish();
    await settled();
    expect(exits).toEqual([0]);
  });

  it('that is asked to end during its start stops once it has started', async () => {
    ending.request('SIGTERM');
    await settled();
    expect(exits).toEqual([]);
    ending.started(stop);
    finish();
    await settled();
    expect([stops, exits]).toEqual([1, [0]]);
  });

  it('drains after a fault, and exits with a non-zero code', async () => {
    ending.started(stop);
    ending.fault(new Error('boom'));
    finish();
    await settled();
    expect([stops, exits]).toEqual([1, [70]]);
  });

  it('says how much time there is: less after a fault than on request', () => {
    const within: number[] = [];
    const stopWithin = async (withinMs: number): Promise<void> => void within.push(withinMs);
    ending.started(stopWithin);
    ending.request('SIGTERM');
    const faulty = new Ending({ log, exit: () => {} });
    faulty.started(stopWithin);
    faulty.fault(new Error('boom'));
    expect(within).toEqual([20_000, 5_000]);
  });

  it('exits at once after a fault during its start', () => {
    ending.fault(new Error('boom'));
    expect(exits).toEqual([70]);
  });

  it('with a fault while stopping still stops, and exits with a non-zero code', async () => {
    ending.started(stop);
    ending.request('SIGTERM');
    ending.fault(new Error('boom'));
    ending.fault(new Error('boom'));
    finish();
    await settled();
    expect([stops, exits]).toEqual([1, [70]]);
  });

  it('that cannot stop in an orderly way exits with a non-zero code', async () => {
    ending.started(stop);
    ending.request('SIGTERM');
    finish(new Error('the disk is gone'));
    await settled();
    expect(exits).toEqual([70]);
  });

  it('ends after a deadline while its disk hangs: 20 seconds, or 5 after a fault', async () => {
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
