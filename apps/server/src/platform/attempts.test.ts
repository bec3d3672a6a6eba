import { describe, expect, it } from 'vitest';
import { Attempts, TooManyAttemptsError } from './attempts.ts';
import { ProcessBuckets } from './limits/bucket-table.ts';
import { ProcessProvenPlaces } from './limits/proven-places.ts';

const MINUTE = 60_000;

/** Attempts under a clock that the test moves. */
function scene(entriesMax = 10_000) {
  let now = 1_000_000;
  const buckets = new ProcessBuckets({ now: () => now, keysMax: entriesMax });
  const provenPlaces = new ProcessProvenPlaces(entriesMax);
  const state = { attempts: buckets, provenPlaces };
  const attempts = new Attempts(state);
  const isAllowed = async (subject: string, address: string): Promise<boolean> => {
    try {
      await attempts.begin('signIn', { subject, address });
      return true;
    } catch (error) {
      if (error instanceof TooManyAttemptsError) return false;
      throw error;
    }
  };
  return {
    attempts,
    state,
    isAllowed,
    size: () => buckets.size + provenPlaces.size,
    /** How many wrong ones are let through, of at most 1,000. */
    allowedInARow: async (subject: string, address: string): Promise<number> => {
      let count = 0;
      while (count < 1_000 && (await isAllowed(subject, address))) count += 1;
      return count;
    },
    pass: (ms: number) => (now += ms),
  };
}

describe('attempts', () => {
  it('of one login from one address stop after ten, and go on one by one', async () => {
    const { allowedInARow, pass } = scene();
    expect(await allowedInARow('ann', '192.0.2.1')).toBe(10);
    pass(MINUTE);
    expect(await allowedInARow('ann', '192.0.2.1')).toBe(1);
    pass(60 * MINUTE);
    expect(await allowedInARow('ann', '192.0.2.1')).toBe(10);
  });

  it('say how long to wait', async () => {
    const { attempts, allowedInARow } = scene();
    await allowedInARow('ann', '192.0.2.1');
    await expect(
      attempts.begin('signIn', { subject: 'ann', address: '192.0.2.1' }),
    ).rejects.toMatchObject({ retryAfterSeconds: 60 });
  });

  it('of one address on many logins stop after fifty', async () => {
    const { isAllowed } = scene();
    for (let n = 0; n < 50; n += 1) expect(await isAllowed(`person-${n}`, '192.0.2.1')).toBe(true);
    expect(await isAllowed('person-50', '192.0.2.1')).toBe(false);
    expect(await isAllowed('person-50', '192.0.2.2')).toBe(true);
  });

  it('of one login from many addresses are few at each new one, and never none', async () => {
    const { allowedInARow, pass } = scene();
    for (let n = 0; n < 6; n += 1) await allowedInARow('ann', `192.0.2.${n}`);
    for (let n = 0; n < 30; n += 1) expect(await allowedInARow('ann', `198.51.100.${n}`)).toBe(3);
    expect(await allowedInARow('bob', '198.51.100.1')).toBe(10);
    // Goes on for an hour: each address guesses six times.
    for (let minutes = 0; minutes < 60; minutes += 1) {
      pass(MINUTE);
      for (let n = 0; n < 6; n += 1) await allowedInARow('ann', `192.0.2.${n}`);
    }
    expect(await allowedInARow('ann', '203.0.113.1')).toBeGreaterThanOrEqual(3);
  });

  it('on a known device count for it alone, whatever others do at its address', async () => {
    const { attempts, allowedInARow, isAllowed } = scene();
    for (let n = 0; n < 60; n += 1) await isAllowed(`person-${n}`, '192.0.2.1');
    await allowedInARow('ann', '192.0.2.1');
    expect(await isAllowed('ann', '192.0.2.1')).toBe(false);
    const own = { subject: 'ann', address: '192.0.2.1', device: 'anns-laptop' };
    for (let n = 0; n < 10; n += 1) await attempts.begin('signIn', own);
    await expect(attempts.begin('signIn', own)).rejects.toThrow(TooManyAttemptsError);
  });

  it('from where the person signed in before are not stopped by attacks from elsewhere', async () => {
    const { attempts, isAllowed } = scene();
    await (await attempts.begin('signIn', { subject: 'ann', address: '203.0.113.7' })).succeeded();
    for (let n = 0; n < 100; n += 1) await isAllowed('ann', `192.0.2.${n}`);
    for (let n = 0; n < 3; n += 1) expect(await isAllowed('ann', '198.51.100.1')).toBe(true);
    expect(await isAllowed('ann', '198.51.100.1')).toBe(false);
    for (let n = 0; n < 10; n += 1) expect(await isAllowed('ann', '203.0.113.7')).toBe(true);
  });

  it('that begin at once for one login, each at an address of its own, are all let through', async () => {
    const { isAllowed } = scene();
    const addresses = Array.from({ length: 200 }, (_, n) => `192.0.2.${n}`);
    const allowed = await Promise.all(addresses.map((address) => isAllowed('ann', address)));
    expect(allowed).toEqual(addresses.map(() => true));
  });

  it('of several servers that share their state count together', async () => {
    const { state, allowedInARow } = scene();
    const other = new Attempts(state);
    for (let n = 0; n < 4; n += 1) {
      await other.begin('signIn', { subject: 'ann', address: '192.0.2.1' });
    }
    expect(await allowedInARow('ann', '192.0.2.1')).toBe(6);
    // Where the right secret was given to one of them, attacks that the other sees do not count.
    await (await other.begin('signIn', { subject: 'bob', address: '203.0.113.7' })).succeeded();
    for (let n = 0; n < 60; n += 1) await allowedInARow('bob', `198.51.100.${n}`);
    expect(await allowedInARow('bob', '203.0.113.7')).toBe(10);
  });

  it('lock no person out permanently: a moment after the attack every address may try again', async () => {
    const { isAllowed, pass } = scene();
    for (let n = 0; n < 200; n += 1) await isAllowed('ann', `192.0.2.${n}`);
    pass(10_000);
    expect(await isAllowed('ann', '198.51.100.1')).toBe(true);
  });

  it('with the right secret cost nothing, however often', async () => {
    const { attempts, allowedInARow } = scene();
    for (let n = 0; n < 200; n += 1) {
      await (await attempts.begin('signIn', { subject: 'ann', address: '192.0.2.1' })).succeeded();
    }
    expect(await allowedInARow('ann', '192.0.2.1')).toBe(10);
  });

  it('that were not checked after all cost nothing', async () => {
    const { attempts, allowedInARow } = scene();
    for (let n = 0; n < 200; n += 1) {
      await (await attempts.begin('signIn', { subject: 'ann', address: '192.0.2.1' })).undone();
    }
    expect(await allowedInARow('ann', '192.0.2.1')).toBe(10);
  });

  it('count before the secret is checked, so that many at once are not more', async () => {
    const { attempts, isAllowed } = scene();
    const underWay = await Promise.all(
      Array.from({ length: 10 }, () =>
        attempts.begin('signIn', { subject: 'ann', address: '192.0.2.1' }),
      ),
    );
    expect(await isAllowed('ann', '192.0.2.1')).toBe(false);
    await underWay[0]?.succeeded();
    expect(await isAllowed('ann', '192.0.2.1')).toBe(true);
  });

  it('of one kind do not use up those of another', async () => {
    const { attempts, allowedInARow } = scene();
    await allowedInARow('ann', '192.0.2.1');
    await attempts.begin('linkPassword', { subject: 'ann', address: '192.0.2.1' });
  });

  it('from one IPv6 network count together', async () => {
    const { isAllowed } = scene();
    for (let n = 0; n < 10; n += 1) await isAllowed('ann', `2001:db8:1:2::${n.toString(16)}`);
    expect(await isAllowed('ann', '2001:db8:1:2:ffff::1')).toBe(false);
    expect(await isAllowed('ann', '2001:db8:1:3::1')).toBe(true);
  });

  it('take bounded memory, and those that go on are not forgotten for others', async () => {
    const { attempts, allowedInARow, isAllowed, size } = scene(300);
    expect(await allowedInARow('ann', '192.0.2.1')).toBe(10);
    for (let n = 0; n < 1_000; n += 1) {
      const [high, low] = [n >> 8, n & 255];
      const right = { subject: `x${n}`, address: `10.1.${high}.${low}` };
      await (await attempts.begin('signIn', right)).succeeded();
      await isAllowed(`x${n}`, `10.0.${high}.${low}`);
      if (n % 40 === 0) expect(await isAllowed('ann', `192.0.2.1`)).toBe(false);
    }
    expect(size()).toBeLessThanOrEqual(600);
  });
});
