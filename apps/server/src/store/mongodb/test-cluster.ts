/** Leases and owners over a real connection: the contract, and two servers at once. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeClusterStore } from '../conformance/cluster-store.ts';
import { plan } from '../conformance/scene.ts';
import { neverOwned, type ClusterStore, type LeaseRenewal } from '../ports/cluster-store.ts';
import type { Store } from '../ports/store.ts';
import { batchOf, documentId, emptyDocument, recordOf } from '../test-batches.ts';
import type { TestPlaces } from './test-database.ts';

const LONG_MS = 600_000;
export const renewal = (number: number, changes: Partial<LeaseRenewal> = {}): LeaseRenewal => ({
  ...{ leaseId: 'a#1', node: 'a', address: 'http://10.0.0.1', publicUrl: null, weight: 1 },
  ...{ number, isDraining: false, mayInsert: true, leaseMs: LONG_MS },
  ...changes,
});

export function clusterOf({ cluster }: Store): ClusterStore {
  if (cluster === null) throw new Error('The store has no part that servers share.');
  return cluster;
}

export function describeCluster(places: TestPlaces): void {
  let count = 0;
  let stores: Store[] = [];
  const open = async (place: string): Promise<Store> => {
    const store = await places.open(place);
    stores.push(store);
    return store;
  };
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    stores = [];
  });

  describeClusterStore('the MongoDB store', async () =>
    clusterOf(await open(`cluster-${++count}`)),
  );

  describe('leases and owners of two servers on one database', () => {
    let place: string;
    let store: Store;
    let one: ClusterStore;
    let other: ClusterStore;
    beforeEach(async () => {
      place = `clusters-${++count}`;
      store = await open(place);
      one = clusterOf(store);
      other = clusterOf(await open(place));
    });

    it('agree whether a lease was renewed or ended, when both happen at once', async () => {
      for (let round = 1; round <= 30; round += 1) {
        const leaseId = `a#${round}`;
        await one.renewLease(renewal(1, { leaseId, leaseMs: 1 }));
        await pause(round % 4);
        const [renewed, ended] = await Promise.all([
          one.renewLease(renewal(2, { leaseId })),
          other.endLease(leaseId, false),
        ]);
        expect([renewed, ended]).toEqual(
          renewed === 'renewed' ? ['renewed', 'live'] : ['ended', 'ended'],
        );
        expect(await one.renewLease(renewal(3, { leaseId }))).toBe(renewed);
      }
    });

    it('agree whether a lease began or is ended, when both happen at once', async () => {
      for (let round = 1; round <= 20; round += 1) {
        const leaseId = `a#${round}`;
        const [begun, ended] = await Promise.all([
          one.renewLease(renewal(1, { leaseId })),
          other.endLease(leaseId, false),
        ]);
        expect([begun, ended]).toEqual(
          begun === 'renewed' ? ['renewed', 'live'] : ['ended', 'ended'],
        );
      }
    });

    it('keep the last of many renewals that are under way at once', async () => {
      const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
      await Promise.all(
        numbers.map((number) => one.renewLease(renewal(number, { weight: number }))),
      );
      expect((await other.leases()).live).toMatchObject([{ weight: 20 }]);
    });

    it('give each epoch of a document to one of them', async () => {
      let expected = neverOwned;
      for (let epoch = 1; epoch <= 20; epoch += 1) {
        const rows = ['one', 'other'].map((owner) => ({ epoch, owner, head: null }));
        const outcomes = await Promise.all(
          [one, other].map((store, index) =>
            store.swapOwner(plan, expected, rows[index] ?? neverOwned),
          ),
        );
        expect([...outcomes].sort()).toEqual(['lost', 'won']);
        expected = rows[outcomes.indexOf('won')] ?? neverOwned;
        expect(await one.ownerOf(plan)).toEqual(expected);
        expect(await other.ownerOf(plan)).toEqual(expected);
      }
    });

    it('forget the owner of a document that was purged, whose log takes nothing more', async () => {
      await store.documents.createWithText(emptyDocument(recordOf(plan)));
      await store.log.append(batchOf(plan, 1));
      await one.swapOwner(plan, neverOwned, { epoch: 1, owner: 'a#1', head: null });
      await one.swapOwner(documentId('notes'), neverOwned, { epoch: 1, owner: 'a#1', head: null });
      await store.documents.remove(plan);
      expect(await other.ownerOf(plan)).toEqual(neverOwned);
      expect((await other.ownerOf(documentId('notes'))).owner).toBe('a#1');
      await expect(store.log.append({ ...batchOf(plan, 2), epoch: 1 })).rejects.toThrow();
    });

    it('keep an ended lease for a day, by a time that the database deletes it at', async () => {
      await one.renewLease(renewal(1));
      await one.endLease('a#1', true);
      await one.endLease('b#1', false);
      const rows = await places.db(place).collection('leases').find().toArray();
      expect(rows).toHaveLength(2);
      for (const { goneAt } of rows) {
        const hours = ((goneAt as Date).getTime() - Date.now()) / 3_600_000;
        expect(hours).toBeGreaterThan(23);
        expect(hours).toBeLessThan(25);
      }
    });

    it('take a name of a node as it is, also one that looks like an expression', async () => {
      await one.renewLease(renewal(1, { node: '$endsAt', address: '$$NOW' }));
      expect((await other.leases()).live).toMatchObject([{ node: '$endsAt', address: '$$NOW' }]);
    });
  });
}
