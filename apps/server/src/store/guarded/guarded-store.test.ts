import { afterEach, describe, expect, it, vi } from 'vitest';
import { ServerMetrics } from '../../platform/metrics.ts';
import { describeStore } from '../conformance/conformance.ts';
import { describeParts } from '../conformance/parts.ts';
import { MemoryDisk, openMemoryStore } from '../memory/memory-store.ts';
import { StoreError, type Batch, type Store } from '../ports/store.ts';
import { guardStore } from './guarded-store.ts';
import { TICK_MS } from './store-gate.ts';

const log = { error: vi.fn(), info: vi.fn() };

/** What is on a disk outlives the store, as the contract asks. */
const disks = new Map<string, MemoryDisk>();
const open = (place: string): Promise<Store> => {
  const disk = disks.get(place) ?? new MemoryDisk();
  disks.set(place, disk);
  const { store: metrics } = new ServerMetrics();
  return Promise.resolve(guardStore(openMemoryStore(disk), { metrics, log }));
};

describeStore('a store behind the gate', open);
describeParts('the parts of a store behind the gate', open);

it('every repository of a store is behind the gate', async () => {
  const inner = openMemoryStore();
  const store = guardStore(inner, { metrics: new ServerMetrics().store, log });
  const unguarded = Object.entries(inner)
    .filter(([name, part]) => store[name as keyof Store] === part && typeof part === 'object')
    .map(([name]) => name);
  // With rules of their own: the disk, and what several servers share.
  const others = new Set(['room', 'shared', 'cluster']);
  expect(unguarded.filter((name) => !others.has(name))).toEqual([]);
  await store.close();
});

describe('a store that stops answering', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.clearAllMocks();
  });

  function brokenStore(): { store: Store; metrics: ServerMetrics; repair: () => void } {
    const inner = openMemoryStore();
    const metrics = new ServerMetrics();
    const failing = vi
      .spyOn(inner.log, 'headVersion')
      .mockRejectedValue(new StoreError('down', false));
    const store = guardStore(inner, { metrics: metrics.store, log });
    return { store, metrics, repair: () => failing.mockRestore() };
  }
  const head = (store: Store): Promise<unknown> =>
    store.log.headVersion('d' as Batch['documentId']).catch((error: Error) => error.message);

  it('is said once in the log, shown in the metrics, and over by itself', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { store, metrics, repair } = brokenStore();
    for (let call = 0; call < 5; call += 1) expect(await head(store)).toBe('down');
    expect(await head(store)).toMatch(/does not answer now.*Nothing was changed/);
    expect(await metrics.text()).toMatch(/^concord_store_breaker\{state="open"\} 1$/m);
    repair();
    vi.advanceTimersByTime(2 * TICK_MS);
    expect(await metrics.text()).toMatch(/^concord_store_breaker\{state="halfOpen"\} 1$/m);
    expect(await head(store)).toBe(0);
    const text = await metrics.text();
    expect(text).toMatch(/^concord_store_breaker\{state="closed"\} 1$/m);
    expect(text).toMatch(/^concord_store_breaker_opened_total 1$/m);
    expect(text).toMatch(/^concord_store_calls_failed_total\{repository="log"\} 5$/m);
    expect(text).toMatch(/^concord_store_calls_refused_total\{reason="open"\} 1$/m);
    expect(log.error).toHaveBeenCalledOnce();
    expect(log.info).toHaveBeenCalledOnce();
    await store.close();
  });

  it('still gets the appends of open documents', async () => {
    const { store } = brokenStore();
    for (let call = 0; call < 5; call += 1) await head(store);
    const documentId = 'abcdefghijklmnopqrstuv' as Batch['documentId'];
    const operations = [
      { clientId: 'c' as never, seq: 1, author: 'ann', at: 1, op: ['text'] as never },
    ];
    await store.log.append({ documentId, firstVersion: 1, operations });
    expect(await store.log.read(documentId, 0, 1)).toHaveLength(1);
    await store.close();
  });
});
