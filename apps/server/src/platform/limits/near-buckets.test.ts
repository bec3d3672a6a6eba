import { beforeEach, expect, it, vi, type MockInstance } from 'vitest';
import { ProcessBuckets } from './bucket-table.ts';
import type { Bucket, Buckets } from './buckets.ts';
import { NearBuckets } from './near-buckets.ts';

const ann: Bucket = { key: 'ann', rule: { burst: 3, refillMs: 1_000 } };
let now: number;
let shared: ProcessBuckets;
let asked: MockInstance<Buckets['take']>;
const onError = vi.fn();

const server = (failsOpen = false) =>
  new NearBuckets(shared, { now: () => now, failsOpen, onError, patienceMs: 1 });
const waits = async (buckets: NearBuckets) => (await buckets.take([ann])).waitMs;

beforeEach(() => {
  now = 1_000;
  shared = new ProcessBuckets({ now: () => now });
  asked = vi.spyOn(shared, 'take');
  onError.mockClear();
});

it('servers give one burst together, and one that knows a bucket to be empty asks no more', async () => {
  const [one, other] = [server(), server()];
  expect(await Promise.all([waits(one), waits(other), waits(one)])).toEqual([0, 0, 0]);
  expect(await waits(other)).toBe(1_000);
  const questions = asked.mock.calls.length;
  for (let flood = 0; flood < 100; flood += 1) expect(await waits(other)).toBe(1_000);
  expect(asked.mock.calls).toHaveLength(questions);
  now += 1_000;
  expect(await waits(other)).toBe(0);
});

it('a token that is refunded is there again, here and on other servers', async () => {
  const [one, other] = [server(), server()];
  for (let taken = 0; taken < 3; taken += 1) await one.take([ann]);
  await one.refund([ann]);
  expect(await waits(other)).toBe(0);
  expect(await waits(one)).toBe(1_000);
});

it('without an answer a limit that fails closed refuses with the error of the store', async () => {
  asked.mockRejectedValue(new Error('not now'));
  await expect(server().take([ann])).rejects.toThrow('not now');
  expect(onError).not.toHaveBeenCalled();
});

it.each([
  ['an error', () => Promise.reject(new Error('not now'))],
  ['no answer', () => new Promise<never>(() => {})],
])('with %s a limit that fails open counts for this server alone', async (_what, answer) => {
  asked.mockImplementation(answer);
  const one = server(true);
  for (let taken = 0; taken < 3; taken += 1) expect(await waits(one)).toBe(0);
  expect(await waits(one)).toBe(1_000);
  expect(onError).toHaveBeenCalledTimes(3);
});
