import type { DocumentId } from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../platform/log.ts';
import { MemoryClusterStore } from '../store/memory/memory-cluster-store.ts';
import type { LiveLease } from '../store/ports/cluster-store.ts';
import type { Batch } from '../store/ports/store.ts';
import { documentId } from '../store/test-batches.ts';
import { ClusterNode } from './cluster-node.ts';
import { preferredMember } from './core/rendezvous.ts';
import { NotHereError } from '../documents/not-here-error.ts';

/** No lease ends here because the machine is busy. */
const times = { leaseMs: 600_000, marginMs: 1_000, renewEveryMs: 60_000 };

let store: MemoryClusterStore;
let batches: Batch[];
let nodes: ClusterNode[];
let jumpedMs: number;
let leases = 0;
const logger = createLog('silent');

const log = {
  append: async (batch: Batch) => void batches.push(batch),
  headVersion: async () => batches.length,
  epoch: async () => batches.at(-1)?.epoch ?? 0,
};

interface Started {
  readonly node: ClusterNode;
  readonly closed: DocumentId[];
  readonly dropped: DocumentId[];
  readonly released: (readonly [DocumentId, LiveLease | null])[];
}

function start(name: string): Started {
  const closed: DocumentId[] = [];
  const dropped: DocumentId[] = [];
  const released: [DocumentId, LiveLease | null][] = [];
  const node = new ClusterNode({
    store,
    log,
    documents: {
      close: (id) => void closed.push(id),
      drop: (id) => void dropped.push(id),
      released: (id, next) => void released.push([id, next]),
    },
    node: name,
    address: `http://${name}.internal`,
    publicUrl: `https://${name}.example`,
    weight: 1,
    logger,
    randomId: () => String(++leases),
    times,
    monotonicNow: () => performance.now() + jumpedMs,
  });
  nodes.push(node);
  node.start();
  return { node, closed, dropped, released };
}

const members = (count: number): Promise<void> =>
  vi.waitFor(async () => expect((await store.leases()).live).toHaveLength(count), {
    timeout: 60_000,
  });

/** As a client does that is told to come again. */
async function acquired(node: ClusterNode, id: DocumentId, isForwarded = false) {
  for (;;) {
    try {
      return await node.acquire(id, { isForwarded });
    } catch (error) {
      if (error instanceof NotHereError) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** A document that belongs to this one of the nodes. */
async function documentOf(name: string): Promise<DocumentId> {
  const { live } = await store.leases();
  for (let number = 0; ; number++) {
    const id = documentId(`document${number}`);
    if (preferredMember(id, live)?.node === name) return id;
  }
}

beforeEach(() => {
  store = new MemoryClusterStore();
  batches = [];
  nodes = [];
  jumpedMs = 0;
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.drain(0)));
  for (const node of nodes) node.stop();
});

describe('a node of a cluster', () => {
  it('takes a new document over, without a write to its log', async () => {
    const { node } = start('a');
    const id = documentId('plan');
    expect(await acquired(node, id)).toEqual({ epoch: 1, head: 0 });
    expect(node.mayAnswer()).toBe(true);
    expect(batches).toEqual([]);
    expect(await store.ownerOf(id)).toMatchObject({ epoch: 1, head: null });
  });

  it('says where a document is that another node has', async () => {
    const a = start('a');
    const b = start('b');
    await members(2);
    const id = await documentOf('a');
    await acquired(a.node, id, true);
    await expect(acquired(b.node, id)).rejects.toMatchObject({
      owner: { node: 'a', address: 'http://a.internal', publicUrl: 'https://a.example' },
    });
  });

  it('ends the lease of a dead node, and fences its last append off', async () => {
    await store.renewLease({ leaseId: 'dead', node: 'b', address: 'http://b.internal', publicUrl: null, weight: 1, number: 1, isDraining: false, mayInsert: true, leaseMs: 1 }); // prettier-ignore
    const id = documentId('plan');
    await store.swapOwner(id, { epoch: 0, owner: null }, { epoch: 6, owner: 'dead', head: null });
    const { node } = start('a');
    expect(await acquired(node, id)).toEqual({ epoch: 7, head: 1 });
    expect(batches).toMatchObject([{ firstVersion: 1, epoch: 7, operations: [{ op: [] }] }]);
    expect((await store.leases()).ended).toEqual(['dead']);
  });

  it('hands its documents over when it drains, and leaves', async () => {
    const a = start('a');
    const b = start('b');
    await members(2);
    const id = await documentOf('a');
    await acquired(a.node, id, true);
    const drained = a.node.drain(60_000);
    await vi.waitFor(() => expect(a.closed).toEqual([id]), { timeout: 60_000 });
    a.node.closed(id, 1, 0, true);
    await drained;
    expect(a.released).toMatchObject([[id, { node: 'b' }]]);
    expect((await store.leases()).live).toMatchObject([{ node: 'b' }]);
    expect(await acquired(b.node, id, true)).toEqual({ epoch: 2, head: 0 });
    expect(batches).toEqual([]);
  });

  it('logs once that another server has its name, when it is not the process before it', async () => {
    const error = vi.spyOn(logger, 'error');
    const both = [start('a'), start('a')];
    await vi.waitFor(() => {
      for (const { node } of both) expect(node.live()).toHaveLength(2);
    });
    expect(error).not.toHaveBeenCalled();
    jumpedMs = 11_000;
    await vi.waitFor(() => expect(error).toHaveBeenCalledTimes(2), { timeout: 60_000 });
    expect(error.mock.calls[0]).toEqual([{ node: 'a' }, expect.stringContaining('CONCORD_NODE')]);
  });

  it('drops what is left when the deadline of a drain passes', async () => {
    const { node, dropped } = start('a');
    const id = documentId('plan');
    await acquired(node, id);
    await node.drain(0);
    expect(dropped).toEqual([id]);
    expect(node.mayAnswer()).toBe(false);
  });

  it('answers nothing once its lease is over, drops its documents, and joins anew', async () => {
    const { node, dropped } = start('a');
    const id = documentId('plan');
    await acquired(node, id);
    // As after a suspended process goes on.
    jumpedMs = times.leaseMs;
    expect(node.mayAnswer()).toBe(false);
    await expect(node.acquire(documentId('notes'), { isForwarded: false })).rejects.toMatchObject({
      code: 'storeUnavailable',
    });
    expect(dropped).toEqual([id]);
    expect(await acquired(node, id)).toMatchObject({ epoch: 2 });
  });
});
