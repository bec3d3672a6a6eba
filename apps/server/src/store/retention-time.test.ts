import { describe, expect, it } from 'vitest';
import { firstRetentionTime, observe, retentionNow, type RetentionTime } from './retention-time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const start = Date.UTC(2026, 10, 1);

/** A process that runs for some hours, observing every ten minutes; `shift` is how wrong its clock is. */
function running(former: RetentionTime, from: number, hours: number, shift = 0): RetentionTime {
  let state = observe(former, from + shift, 0);
  for (let passed = 10 * MINUTE; passed <= hours * HOUR; passed += 10 * MINUTE) {
    state = observe(state, from + shift + passed, 10 * MINUTE);
  }
  return state;
}

describe('the time by which things are deleted for their age', () => {
  const known = firstRetentionTime(start, null);

  it('equals a correct clock', () => {
    expect(retentionNow(running(known, start, 72))).toBe(start + 72 * HOUR);
  });

  it('moves by a day at most when the clock is 32 days ahead at one start', () => {
    const ahead = observe(known, start + 32 * DAY, 0);
    expect(retentionNow(ahead)).toBe(start + DAY);
    // The next start has the right clock again, and no credit of the jump is left.
    const back = observe(ahead, start + MINUTE, 0);
    expect(retentionNow(back)).toBeLessThanOrEqual(start + MINUTE);
    expect(retentionNow(observe(back, start + 32 * DAY, 0))).toBeLessThanOrEqual(start + DAY + MINUTE); // prettier-ignore
  });

  it('gains nothing by repeated restarts with a clock that is ahead', () => {
    let state = known;
    for (let restart = 0; restart < 1_000; restart++) {
      state = observe(state, start + 32 * DAY + restart * 1_000, 0);
    }
    expect(retentionNow(state)).toBeLessThan(start + DAY + HOUR);
  });

  it('costs hours, not weeks, when a wrong clock is noticed after an hour', () => {
    expect(retentionNow(running(known, start, 1, 32 * DAY))).toBeLessThan(start + 3 * DAY);
  });

  it('catches up within a day or so after the server was off for 40 days', () => {
    const on = start + 40 * DAY;
    expect(retentionNow(running(known, on, 1))).toBeLessThan(on - 30 * DAY);
    expect(retentionNow(running(known, on, 30))).toBe(on + 30 * HOUR);
  });

  it('keeps pace where the server is started for a minute every day', () => {
    let state = known;
    for (let day = 1; day <= 60; day++) state = observe(state, start + day * DAY, 0);
    expect(retentionNow(state)).toBe(start + 60 * DAY);
  });

  it('is never later than the clock: one that is behind deletes nothing', () => {
    expect(retentionNow(observe(known, 0, 0))).toBe(0);
    // Half an hour in 1970 is made up for soon after the clock is right again.
    const behind = running(known, 0, 0.5);
    const on = start + HOUR;
    expect(retentionNow(running(behind, on, 36))).toBe(on + 36 * HOUR);
  });

  it('starts with the newest record of an existing store, not with the clock', () => {
    const upgraded = firstRetentionTime(start + 32 * DAY, start);
    expect(retentionNow(upgraded)).toBe(start);
  });
});
