import { expect, it } from 'vitest';
import { BucketTable, ProcessBuckets } from './bucket-table.ts';
import { perSecond, type BucketRule } from './buckets.ts';

/** A table under a clock that the test moves; `take` says how long to wait. */
function sceneOf(rule: BucketRule, keysMax = 100) {
  let now = 1_000;
  const table = new BucketTable({ now: () => now, keysMax });
  return {
    table,
    take: (key: string, maxWaitMs?: number) => table.take([{ key, rule }], maxWaitMs).waitMs,
    pass: (ms: number) => (now += ms),
  };
}

it('a bucket grants a burst at once, then a steady rate, to each key for itself', () => {
  const { take, pass } = sceneOf(perSecond(2, 3));
  expect([1, 2, 3].map(() => take('ann'))).toEqual([0, 0, 0]);
  expect(take('ann')).toBe(500);
  expect(take('bob')).toBe(0);
  pass(499);
  expect(take('ann')).toBe(1);
  pass(1);
  expect(take('ann')).toBe(0);
  expect(take('ann')).toBe(500);
});

it('one bucket is taken from as several are', () => {
  const rule = perSecond(2, 3);
  const { table, take, pass } = sceneOf(rule);
  const takeOne = (key: string) => table.takeOne({ key, rule });
  expect([takeOne('ann'), take('ann'), takeOne('ann')]).toEqual([0, 0, 0]);
  expect([takeOne('ann'), take('ann'), takeOne('ann')]).toEqual([500, 500, 500]);
  pass(500);
  expect([takeOne('ann'), takeOne('ann')]).toEqual([0, 500]);
});

it('a bucket fills no further than its burst, and not at all by being asked', () => {
  const { take, pass } = sceneOf(perSecond(1, 2));
  pass(1_000_000);
  expect([1, 2].map(() => take('ann'))).toEqual([0, 0]);
  for (let asked = 0; asked < 100; asked++) expect(take('ann')).toBe(1_000);
});

it('each of those who wait for a token gets a later place, as far ahead as they may wait', () => {
  const { take } = sceneOf(perSecond(10, 1));
  expect([1, 2, 3].map(() => take('ann', 200))).toEqual([0, 100, 200]);
  // Too far: nothing is taken, so that the answer does not change.
  expect([1, 2].map(() => take('ann', 200))).toEqual([300, 300]);
});

it('a bucket is charged what something cost afterwards, and may go below zero', () => {
  const rule = perSecond(1, 10);
  const { table, take, pass } = sceneOf(rule);
  expect(take('ann')).toBe(0);
  table.charge({ key: 'ann', rule }, 14);
  expect(take('ann')).toBe(6_000);
  pass(6_000);
  expect(take('ann')).toBe(0);
});

it('the bucket that was not asked for longest is evicted, which grants a full one', () => {
  const { table, take } = sceneOf(perSecond(1, 1), 2);
  take('ann');
  take('bob');
  expect(take('ann')).toBe(1_000);
  take('eve');
  expect(table.size).toBe(2);
  expect(take('ann')).toBe(1_000);
  expect(take('bob')).toBe(0);
});

it('of several buckets a token is taken from each or from none', async () => {
  const buckets = new ProcessBuckets({ now: () => 0 });
  const narrow = { key: 'narrow', rule: { burst: 1, refillMs: 1_000 } };
  const wide = { key: 'wide', rule: { burst: 5, refillMs: 100 } };
  expect(await buckets.take([wide, narrow])).toEqual({ waitMs: 0, fullInMs: [100, 1_000] });
  for (let asked = 0; asked < 10; asked++) {
    expect(await buckets.take([wide, narrow])).toEqual({ waitMs: 1_000, fullInMs: [100, 1_000] });
  }
  expect(await buckets.take([wide])).toEqual({ waitMs: 0, fullInMs: [200] });
});

it('of many who ask at once, no more are let through than there are tokens', async () => {
  const buckets = new ProcessBuckets({ now: () => 0 });
  const bucket = { key: 'ann', rule: { burst: 7, refillMs: 1_000 } };
  const taken = await Promise.all(Array.from({ length: 50 }, () => buckets.take([bucket])));
  expect(taken.filter(({ waitMs }) => waitMs === 0)).toHaveLength(7);
});

it('a token that is refunded is there again, and a full bucket takes no memory', async () => {
  const buckets = new ProcessBuckets({ now: () => 0 });
  const bucket = { key: 'ann', rule: { burst: 1, refillMs: 1_000 } };
  expect((await buckets.take([bucket])).waitMs).toBe(0);
  await buckets.refund([bucket]);
  expect(buckets.size).toBe(0);
  // More than a full one is not kept.
  await buckets.refund([bucket]);
  expect((await buckets.take([bucket])).waitMs).toBe(0);
  expect((await buckets.take([bucket])).waitMs).toBe(1_000);
});

it('refill times that are no whole milliseconds take nothing away from the burst', async () => {
  let now = 1_764_000_000_000;
  const buckets = new ProcessBuckets({ now: () => now });
  const bucket = { key: 'ann', rule: { burst: 700, refillMs: 60_000 / 700 } };
  for (let n = 0; n < 700; n++) expect((await buckets.take([bucket])).waitMs).toBe(0);
  expect((await buckets.take([bucket])).waitMs).toBe(86);
  now += 60_000;
  for (let n = 0; n < 700; n++) expect((await buckets.take([bucket])).waitMs).toBe(0);
});
