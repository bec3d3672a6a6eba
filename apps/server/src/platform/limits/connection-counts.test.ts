import { expect, it } from 'vitest';
import { ProcessConnectionCounts } from './connection-counts.ts';

it('of many connections that are counted at once, no more are than may be', async () => {
  const counts = new ProcessConnectionCounts();
  expect(await counts.isFull('ann', 3)).toBe(false);
  const counted = await Promise.all(Array.from({ length: 9 }, () => counts.take('ann', 3)));
  expect(counted.filter(Boolean)).toHaveLength(3);
  expect(await counts.isFull('ann', 3)).toBe(true);
  expect(await counts.take('bob', 3)).toBe(true);
  await counts.release('ann');
  expect(await counts.isFull('ann', 3)).toBe(false);
  expect(await counts.take('ann', 3)).toBe(true);
});

it('keys under which there are no connections take no memory', async () => {
  const counts = new ProcessConnectionCounts();
  await Promise.all(['ann', 'bob'].map((key) => counts.take(key, 1)));
  await Promise.all(['ann', 'bob', 'eve'].map((key) => counts.release(key)));
  expect(counts.size).toBe(0);
});
