import { beforeEach, describe, expect, it } from 'vitest';
import { neverOwned, type LiveLease, type OwnershipRow } from '../store/ports/cluster-store.ts';
import { StoreError } from '../store/ports/store.ts';
import { documentId } from '../store/test-batches.ts';
import { ClusterLocations } from './locations.ts';

const plan = documentId('plan');
const leaseOf = (node: string, changes: Partial<LiveLease> = {}): LiveLease => ({
  ...{ leaseId: `${node}-1`, node, address: `http://${node}.internal`, publicUrl: null },
  ...{ weight: 1, isDraining: false, ...changes },
});

let live: LiveLease[];
let owned: boolean;
let row: OwnershipRow | StoreError;
let reads: number;
let now: number;
let locations: ClusterLocations;

beforeEach(() => {
  live = [leaseOf('a'), leaseOf('b'), leaseOf('c')];
  owned = false;
  row = neverOwned;
  reads = 0;
  now = 0;
  locations = new ClusterLocations({
    knowledge: { node: 'a', live: () => live, owns: () => owned },
    store: {
      ownerOf: async () => {
        reads += 1;
        if (row instanceof StoreError) throw row;
        return row;
      },
    },
    monotonicNow: () => now,
  });
});

const nodeOf = async (id = plan): Promise<string> => {
  const location = await locations.locate(id);
  return location.kind === 'here' ? 'a' : location.lease.node;
};
const ownedBy = (owner: string | null): void => void (row = { epoch: 1, owner, head: null });

describe('a document is', () => {
  it('here when this node owns it, or is alone, without asking the database', async () => {
    ownedBy('b-1');
    owned = true;
    expect(await nodeOf()).toBe('a');
    owned = false;
    live = [leaseOf('a')];
    expect(await nodeOf()).toBe('a');
    live = [];
    expect(await nodeOf()).toBe('a');
    expect(reads).toBe(0);
  });

  it('where its owner is, whose lease lives', async () => {
    ownedBy('c-1');
    expect(await locations.locate(plan)).toEqual({ kind: 'elsewhere', lease: leaseOf('c') });
  });

  it('where its owner is now, a moment after it moved', async () => {
    ownedBy('b-1');
    expect(await nodeOf()).toBe('b');
    ownedBy('c-1');
    now += 999;
    expect([await nodeOf(), reads]).toEqual(['b', 1]);
    now += 1;
    expect([await nodeOf(), reads]).toEqual(['c', 2]);
  });

  it('where its owner is now, at once after one that drains handed it over', async () => {
    live = [leaseOf('a'), leaseOf('b', { isDraining: true }), leaseOf('c')];
    ownedBy('b-1');
    expect(await nodeOf()).toBe('b');
    ownedBy('c-1');
    expect(await nodeOf()).toBe('c');
  });

  it('elsewhere at once after this node handed it over', async () => {
    live = [leaseOf('a', { isDraining: true }), leaseOf('b')];
    ownedBy('a-1');
    // It has the document still, or not yet.
    expect(await nodeOf()).toBe('a');
    ownedBy(null);
    expect(await nodeOf()).toBe('b');
  });

  it('here when it came here while the database was asked', async () => {
    ownedBy('b-1');
    const asked = locations.locate(plan);
    owned = true;
    expect(await asked).toEqual({ kind: 'here' });
  });

  it('where the hash says when nobody has it, its owner is gone, or the database does not answer', async () => {
    const ids = Array.from({ length: 60 }, (_, number) => documentId(`document${number}`));
    const places = async (): Promise<string[]> => {
      now += 1_000;
      return Promise.all(ids.map(nodeOf));
    };
    const free = await places();
    for (const node of ['a', 'b', 'c']) expect(free).toContain(node);
    ownedBy('d-1');
    expect(await places()).toEqual(free);
    row = new StoreError('down', false);
    expect(await places()).toEqual(free);
    ownedBy(null);
    expect(await places()).toEqual(free);
  });

  it('never at a node that drains, unless that one has it', async () => {
    live = [leaseOf('a'), leaseOf('b', { isDraining: true })];
    const ids = Array.from({ length: 20 }, (_, number) => documentId(`document${number}`));
    expect(new Set(await Promise.all(ids.map(nodeOf)))).toEqual(new Set(['a']));
    now += 1_000;
    ownedBy('b-1');
    expect(await nodeOf()).toBe('b');
    live = [leaseOf('a', { isDraining: true }), leaseOf('b', { isDraining: true })];
    ownedBy(null);
    now += 1_000;
    expect(await nodeOf()).toBe('a');
  });

  it('here when the lease of a former process of this node has it', async () => {
    live = [leaseOf('a', { leaseId: 'a-0' }), leaseOf('a'), leaseOf('b')];
    ownedBy('a-0');
    expect(await nodeOf()).toBe('a');
  });
});
