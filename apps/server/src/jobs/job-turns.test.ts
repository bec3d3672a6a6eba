import { expect, it } from 'vitest';
import { MemoryEventFeed } from '../store/memory/memory-event-feed.ts';
import { MemoryHolds } from '../store/memory/memory-holds.ts';
import { ProcessBuckets } from '../platform/limits/bucket-table.ts';
import { ProcessProvenPlaces } from '../platform/limits/proven-places.ts';
import { JobTurns } from './job-turns.ts';

function servers(now: () => number) {
  const shared = {
    events: new MemoryEventFeed(),
    holds: new MemoryHolds(now),
    buckets: () => new ProcessBuckets(),
    provenPlaces: new ProcessProvenPlaces(),
  };
  return [new JobTurns({ shared }), new JobTurns({ shared })] as const;
}

it('a job is that of one server at a time, and of another when that one stopped or died', async () => {
  let now = 0;
  const [one, other] = servers(() => now);
  expect(await one.isMine('housekeeping')).toBe(true);
  expect(await other.isMine('housekeeping')).toBe(false);
  expect(await one.isMine('housekeeping')).toBe(true);
  expect(await other.isMine('indexing')).toBe(true);
  await one.release();
  expect(await other.isMine('housekeeping')).toBe(true);
  expect(await one.isMine('housekeeping')).toBe(false);
  // It died: an hour without a sign of it.
  now += 60 * 60_000;
  expect(await one.isMine('housekeeping')).toBe(true);
});

it('every job is that of a server whose store is its own', async () => {
  const alone = new JobTurns({ shared: null });
  expect(await alone.isMine('housekeeping')).toBe(true);
  await alone.release();
});
