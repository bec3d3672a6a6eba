import { expect, it } from 'vitest';
import { RateTable } from './rate-table.ts';

it('grants a burst at once, then a steady rate, to each key for itself', () => {
  let now = 1_000;
  const table = new RateTable({ perSecond: 2, burst: 3 }, { now: () => now });
  expect([1, 2, 3].map(() => table.take('ann'))).toEqual([0, 0, 0]);
  expect(table.take('ann')).toBe(500);
  expect(table.take('bob')).toBe(0);
  now += 499;
  expect(table.take('ann')).toBe(1);
  now += 1;
  expect(table.take('ann')).toBe(0);
  expect(table.take('ann')).toBe(500);
});

it('fills no further than the burst, and not at all by being asked', () => {
  let now = 0;
  const table = new RateTable({ perSecond: 1, burst: 2 }, { now: () => now });
  now = 1_000_000;
  expect([1, 2].map(() => table.take('ann'))).toEqual([0, 0]);
  for (let asked = 0; asked < 100; asked++) expect(table.take('ann')).toBe(1_000);
});

it('gives each of those who wait a place of his own, as far ahead as they may wait', () => {
  const table = new RateTable({ perSecond: 10, burst: 1 }, { now: () => 0 });
  expect([1, 2, 3].map(() => table.reserve('ann', 200))).toEqual([0, 100, 200]);
  // Too far: nothing is taken, so that the answer does not change.
  expect([1, 2].map(() => table.reserve('ann', 200))).toEqual([300, 300]);
});

it('takes what something cost afterwards, and lets the bucket go below zero', () => {
  let now = 0;
  const table = new RateTable({ perSecond: 1, burst: 10 }, { now: () => now });
  expect(table.take('ann', 15)).toBe(0);
  expect(table.take('ann')).toBe(6_000);
  now = 6_000;
  expect(table.take('ann')).toBe(0);
});

it('forgets those who were not seen for longest, which grants them a full bucket', () => {
  const table = new RateTable({ perSecond: 1, burst: 1 }, { now: () => 0, keysMax: 2 });
  table.take('ann');
  table.take('bob');
  expect(table.take('ann')).toBe(1_000);
  table.take('eve');
  expect(table.take('ann')).toBe(1_000);
  expect(table.take('bob')).toBe(0);
});
