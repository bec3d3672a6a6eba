/** The contract of token buckets and proven places that several servers share. Refills here are longer than any test. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Bucket, Buckets } from '../../platform/limits/buckets.ts';
import type { ProvenPlaces } from '../../platform/limits/proven-places.ts';

const HOUR_MS = 3_600_000;
const bucket = (key: string, burst: number, refillMs = HOUR_MS): Bucket => ({
  key,
  rule: { burst, refillMs },
});

/** @param open two servers' access to the same buckets, all full for each test */
export function describeBuckets(
  name: string,
  open: () => Promise<readonly [Buckets, Buckets]>,
): void {
  describe(`token buckets in ${name}`, () => {
    let one: Buckets;
    let other: Buckets;
    beforeEach(async () => {
      [one, other] = await open();
    });
    const isTaken = async (buckets: Buckets, ...from: readonly Bucket[]) =>
      (await buckets.take(from)).waitMs === 0;

    it('give a burst to all who ask, whichever server they ask, and say how long to wait after it', async () => {
      const ann = bucket('ann', 3);
      expect(await isTaken(one, ann)).toBe(true);
      expect(await isTaken(other, ann)).toBe(true);
      expect(await isTaken(one, ann)).toBe(true);
      const { waitMs, fullInMs } = await other.take([ann]);
      expect(waitMs).toBeGreaterThan(HOUR_MS / 2);
      expect(waitMs).toBeLessThanOrEqual(HOUR_MS);
      expect(fullInMs[0]).toBeGreaterThan(2.5 * HOUR_MS);
      expect(await isTaken(other, bucket('bob', 3))).toBe(true);
    });

    it('let no more of many who ask at once through than there are tokens', async () => {
      const ann = bucket('ann', 7);
      const taken = await Promise.all(
        Array.from({ length: 30 }, (_, index) => isTaken(index % 2 === 0 ? one : other, ann)),
      );
      expect(taken.filter(Boolean)).toHaveLength(7);
    });

    it('of several give a token each or none at all', async () => {
      const [narrow, wide] = [bucket('narrow', 1), bucket('wide', 3)];
      expect(await isTaken(one, wide, narrow)).toBe(true);
      for (let asked = 0; asked < 5; asked += 1) {
        expect(await isTaken(other, wide, narrow)).toBe(false);
      }
      expect(await isTaken(one, wide)).toBe(true);
      expect(await isTaken(one, wide)).toBe(true);
      expect(await isTaken(one, wide)).toBe(false);
    });

    it('have a token that was refunded again, and never more than the burst', async () => {
      const ann = bucket('ann', 1);
      await one.take([ann]);
      await other.refund([ann]);
      await other.refund([ann]);
      expect(await isTaken(one, ann)).toBe(true);
      expect(await isTaken(one, ann)).toBe(false);
    });

    it('fill with time, and let whoever may wait have a later place', async () => {
      const soon = bucket('soon', 1, 20);
      await one.take([soon]);
      // However long this takes: what was taken comes back.
      while (!(await isTaken(other, soon)));
      const slow = bucket('slow', 1);
      await one.take([slow]);
      const { waitMs } = await other.take([slow], 2 * HOUR_MS);
      expect(waitMs).toBeGreaterThan(HOUR_MS / 2);
      expect((await one.take([slow], 2 * HOUR_MS)).waitMs).toBeGreaterThan(HOUR_MS);
      expect((await one.take([slow], 2 * HOUR_MS)).waitMs).toBeGreaterThan(2 * HOUR_MS);
      // Nothing was taken by the one who would have had to wait for too long.
      expect((await one.take([slow], HOUR_MS)).waitMs).toBeLessThanOrEqual(3 * HOUR_MS);
    });
  });
}

export function describeProvenPlaces(
  name: string,
  open: () => Promise<readonly [ProvenPlaces, ProvenPlaces]>,
): void {
  it(`a place that was proven on one server is known to another, and no other place (${name})`, async () => {
    const [one, other] = await open();
    expect(await other.has('home')).toBe(false);
    await one.add('home');
    await one.add('home');
    expect(await other.has('home')).toBe(true);
    expect(await other.has('abroad')).toBe(false);
  });
}
