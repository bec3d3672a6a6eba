import { describe, expect, it } from 'vitest';
import { Attempts, TooManyAttemptsError } from './attempts.ts';

const MINUTE = 60_000;

/** Attempts under a clock that the test moves. */
function scene(entriesMax?: number) {
  let now = 1_000_000;
  const options = { now: () => now };
  const attempts = new Attempts(entriesMax === undefined ? options : { ...options, entriesMax });
  const isAllowed = (subject: string, address: string): boolean => {
    try {
      attempts.begin('signIn', { subject, address });
      return true;
    } catch (error) {
      if (error instanceof TooManyAttemptsError) return false;
      throw error;
    }
  };
  return {
    attempts,
    isAllowed,
    /** How many wrong ones are let through, of at most 1,000. */
    allowedInARow: (subject: string, address: string): number => {
      let count = 0;
      while (count < 1_000 && isAllowed(subject, address)) count += 1;
      return count;
    },
    pass: (ms: number) => (now += ms),
  };
}

describe('attempts', () => {
  it('of one login from one address stop after ten, and go on one by one', () => {
    const { allowedInARow, pass } = scene();
    expect(allowedInARow('ann', '192.0.2.1')).toBe(10);
    pass(MINUTE);
    expect(allowedInARow('ann', '192.0.2.1')).toBe(1);
    pass(60 * MINUTE);
    expect(allowedInARow('ann', '192.0.2.1')).toBe(10);
  });

  it('say how long to wait', () => {
    const { attempts, allowedInARow } = scene();
    allowedInARow('ann', '192.0.2.1');
    expect(() => attempts.begin('signIn', { subject: 'ann', address: '192.0.2.1' })).toThrow(
      expect.objectContaining({ retryAfterSeconds: 60 }),
    );
  });

  it('of one address on many logins stop after fifty', () => {
    const { isAllowed } = scene();
    for (let n = 0; n < 50; n += 1) expect(isAllowed(`person-${n}`, '192.0.2.1')).toBe(true);
    expect(isAllowed('person-50', '192.0.2.1')).toBe(false);
    expect(isAllowed('person-50', '192.0.2.2')).toBe(true);
  });

  it('of one login from many addresses are few at each new one, and never none', () => {
    const { allowedInARow, pass } = scene();
    for (let n = 0; n < 6; n += 1) allowedInARow('ann', `192.0.2.${n}`);
    for (let n = 0; n < 30; n += 1) expect(allowedInARow('ann', `198.51.100.${n}`)).toBe(3);
    expect(allowedInARow('bob', '198.51.100.1')).toBe(10);
    // Goes on for an hour: each address guesses six times.
    for (let minutes = 0; minutes < 60; minutes += 1) {
      pass(MINUTE);
      for (let n = 0; n < 6; n += 1) allowedInARow('ann', `192.0.2.${n}`);
    }
    expect(allowedInARow('ann', '203.0.113.1')).toBeGreaterThanOrEqual(3);
  });

  it('on a known device count for it alone, whatever others do at its address', () => {
    const { attempts, allowedInARow, isAllowed } = scene();
    for (let n = 0; n < 60; n += 1) isAllowed(`person-${n}`, '192.0.2.1');
    allowedInARow('ann', '192.0.2.1');
    expect(isAllowed('ann', '192.0.2.1')).toBe(false);
    const own = { subject: 'ann', address: '192.0.2.1', device: 'anns-laptop' };
    for (let n = 0; n < 10; n += 1) attempts.begin('signIn', own);
    expect(() => attempts.begin('signIn', own)).toThrow(TooManyAttemptsError);
  });

  it('from where the person signed in before are not stopped by attacks from elsewhere', () => {
    const { attempts, isAllowed } = scene();
    attempts.begin('signIn', { subject: 'ann', address: '203.0.113.7' }).succeeded();
    for (let n = 0; n < 100; n += 1) isAllowed('ann', `192.0.2.${n}`);
    for (let n = 0; n < 3; n += 1) expect(isAllowed('ann', '198.51.100.1')).toBe(true);
    expect(isAllowed('ann', '198.51.100.1')).toBe(false);
    for (let n = 0; n < 10; n += 1) expect(isAllowed('ann', '203.0.113.7')).toBe(true);
  });

  it('lock nobody out for ever: a moment after the attack anybody may try again', () => {
    const { isAllowed, pass } = scene();
    for (let n = 0; n < 200; n += 1) isAllowed('ann', `192.0.2.${n}`);
    pass(10_000);
    expect(isAllowed('ann', '198.51.100.1')).toBe(true);
  });

  it('with the right secret cost nothing, however often', () => {
    const { attempts, allowedInARow } = scene();
    for (let n = 0; n < 200; n += 1) {
      attempts.begin('signIn', { subject: 'ann', address: '192.0.2.1' }).succeeded();
    }
    expect(allowedInARow('ann', '192.0.2.1')).toBe(10);
  });

  it('that were not checked after all cost nothing', () => {
    const { attempts, allowedInARow } = scene();
    for (let n = 0; n < 200; n += 1) {
      attempts.begin('signIn', { subject: 'ann', address: '192.0.2.1' }).undone();
    }
    expect(allowedInARow('ann', '192.0.2.1')).toBe(10);
  });

  it('count before the secret is checked, so that many at once are not more', () => {
    const { attempts, isAllowed } = scene();
    const underWay = Array.from({ length: 10 }, () =>
      attempts.begin('signIn', { subject: 'ann', address: '192.0.2.1' }),
    );
    expect(isAllowed('ann', '192.0.2.1')).toBe(false);
    underWay[0]?.succeeded();
    expect(isAllowed('ann', '192.0.2.1')).toBe(true);
  });

  it('of one kind do not use up those of another', () => {
    const { attempts, allowedInARow } = scene();
    allowedInARow('ann', '192.0.2.1');
    expect(() =>
      attempts.begin('linkPassword', { subject: 'ann', address: '192.0.2.1' }),
    ).not.toThrow();
  });

  it('from one IPv6 network count together', () => {
    const { isAllowed } = scene();
    for (let n = 0; n < 10; n += 1) isAllowed('ann', `2001:db8:1:2::${n.toString(16)}`);
    expect(isAllowed('ann', '2001:db8:1:2:ffff::1')).toBe(false);
    expect(isAllowed('ann', '2001:db8:1:3::1')).toBe(true);
  });

  it('take bounded memory, and those that go on are not forgotten for others', () => {
    const { attempts, allowedInARow, isAllowed } = scene(300);
    expect(allowedInARow('ann', '192.0.2.1')).toBe(10);
    for (let n = 0; n < 1_000; n += 1) {
      const [high, low] = [n >> 8, n & 255];
      attempts.begin('signIn', { subject: `x${n}`, address: `10.1.${high}.${low}` }).succeeded();
      isAllowed(`x${n}`, `10.0.${high}.${low}`);
      if (n % 40 === 0) expect(isAllowed('ann', `192.0.2.1`)).toBe(false);
    }
    expect(attempts.size).toBeLessThanOrEqual(600);
  });
});
