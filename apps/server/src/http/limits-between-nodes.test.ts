import { pino } from 'pino';
import { beforeEach, expect, it, vi } from 'vitest';
import { Attempts, TooManyAttemptsError } from '../platform/attempts.ts';
import { ProcessBuckets } from '../platform/limits/bucket-table.ts';
import { ProcessProvenPlaces } from '../platform/limits/proven-places.ts';
import { MemoryEventFeed } from '../store/memory/memory-event-feed.ts';
import { MemoryHolds } from '../store/memory/memory-holds.ts';
import type { SharedStore } from '../store/ports/shared-store.ts';
import { StoreError } from '../store/ports/store.ts';
import { limitsBetweenNodes } from './limits-between-nodes.ts';

let shared: SharedStore;
let tables: Map<string, ProcessBuckets>;
const log = pino({ level: 'silent' });
const node = () => {
  const { limitState, reservations } = limitsBetweenNodes({ store: { shared }, log });
  return { limitState, reservations, attempts: new Attempts(limitState) };
};

beforeEach(() => {
  tables = new Map();
  shared = {
    events: new MemoryEventFeed(),
    holds: new MemoryHolds(),
    // Time stands still: no token comes back.
    buckets: (table) => {
      const buckets = tables.get(table) ?? new ProcessBuckets({ now: () => 1_000 });
      tables.set(table, buckets);
      return buckets;
    },
    provenPlaces: new ProcessProvenPlaces(),
  };
});

const kinds = [
  ['passwords of an account', 'signIn', 10],
  ['passwords of a link', 'linkPassword', 10],
  ['invitations', 'invitation', 50],
] as const;

it.each(kinds)('tries of %s are counted over all nodes together', async (_what, kind, burst) => {
  const nodes = [node(), node(), node()];
  let allowed = 0;
  for (let tried = 0; tried < 3 * burst; tried += 1) {
    const trying = nodes[tried % 3]?.attempts.begin(kind, { subject: 'ann', address: '192.0.2.1' });
    await trying?.then(
      () => (allowed += 1),
      (error: unknown) => expect(error).toBeInstanceOf(TooManyAttemptsError),
    );
  }
  expect(allowed).toBe(burst);
});

it('a place that was proven on one node keeps its bucket on another while a login is attacked', async () => {
  const [one, other] = [node(), node()];
  const home = { subject: 'ann', address: '192.0.2.1' };
  await (await one.attempts.begin('signIn', home)).succeeded();
  for (let tried = 0; tried < 60; tried += 1) {
    const attacker = { subject: 'ann', address: `198.51.100.${tried}` };
    await one.attempts.begin('signIn', attacker);
  }
  let allowed = 0;
  const count = () => other.attempts.begin('signIn', home).then(() => (allowed += 1));
  for (let tried = 0; tried < 12; tried += 1) await count().catch(() => {});
  expect(allowed).toBe(10);
});

it('a secret is not tried while the tries cannot be counted, and other requests are', async () => {
  const { attempts, limitState } = node();
  for (const buckets of [shared.buckets('attempts'), shared.buckets('requests')]) {
    vi.spyOn(buckets, 'take').mockRejectedValue(new StoreError('not now', false));
  }
  const trying = attempts.begin('signIn', { subject: 'ann', address: '192.0.2.1' });
  await expect(trying).rejects.toThrow(StoreError);
  const bucket = { key: 'search ann', rule: { burst: 1, refillMs: 60_000 } };
  expect((await limitState.costlyRequests.take([bucket])).waitMs).toBe(0);
  expect((await limitState.costlyRequests.take([bucket])).waitMs).toBeGreaterThan(0);
});

it('what bounds the work of one process asks the store nothing', async () => {
  const { limitState } = node();
  const bucket = { key: 'ann', rule: { burst: 1, refillMs: 60_000 } };
  for (const buckets of [limitState.requests, limitState.handshakes, limitState.joins]) {
    await buckets.take([bucket]);
  }
  await limitState.connections.take('ann', 1);
  expect([...tables.values()].map(({ size }) => size)).toEqual([0, 0]);
});
