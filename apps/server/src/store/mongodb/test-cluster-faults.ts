/** Leases and owners over a real connection, when the server fails. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plan } from '../conformance/scene.ts';
import { neverOwned, type ClusterStore } from '../ports/cluster-store.ts';
import { StoreError, type Store } from '../ports/store.ts';
import { clusterOf, renewal } from './test-cluster.ts';
import type { TestPlaces } from './test-database.ts';
import { failing, faults } from './test-faults.ts';

export function describeClusterFaults(places: TestPlaces): void {
  describe('leases and owners, when the server fails,', () => {
    let count = 0;
    let place: string;
    let store: Store;
    let cluster: ClusterStore;
    beforeEach(async () => {
      place = `failing-${++count}`;
      store = await places.open(place);
      cluster = clusterOf(store);
    });
    afterEach(async () => {
      await failing(places.db(place)).off();
      await store.close();
    });
    const taken = { epoch: 1, owner: 'a#1', head: null };
    const released = { epoch: 1, owner: null, head: 7 };

    describe.each(faults)('with %s,', (_what, fault, times) => {
      const fail = (command: string): Promise<unknown> =>
        failing(places.db(place)).on({ failCommands: [command], ...fault }, times);
      /** A write that a majority may not have is not told as done; the same one decides what became of it. */
      const notTold = async (write: () => Promise<unknown>, command = 'update'): Promise<void> => {
        await fail(command);
        await expect(write()).rejects.toThrow(StoreError);
        await failing(places.db(place)).off();
      };

      it('do not tell a renewal as written, and take the same one again', async () => {
        await notTold(() => cluster.renewLease(renewal(1)));
        expect(await cluster.renewLease(renewal(1))).toBe('renewed');
        await notTold(() => cluster.renewLease(renewal(2)));
        expect(await cluster.renewLease(renewal(2))).toBe('renewed');
        expect((await cluster.leases()).live).toHaveLength(1);
      });

      it('do not tell a lease as ended, and end it then', async () => {
        await cluster.renewLease(renewal(1, { leaseMs: 1 }));
        while ((await cluster.leases()).live.length > 0) await pause(2);
        await notTold(() => cluster.endLease('a#1', false));
        expect(await cluster.endLease('a#1', false)).toBe('ended');
        await notTold(() => cluster.endLease('b#1', false));
        expect(await cluster.endLease('b#1', false)).toBe('ended');
      });

      it('do not tell a document as taken or released, whose row tells it', async () => {
        await notTold(() => cluster.swapOwner(plan, neverOwned, taken), 'insert');
        if ((await cluster.ownerOf(plan)).owner === null) {
          expect(await cluster.swapOwner(plan, neverOwned, taken)).toBe('won');
        }
        expect(await cluster.ownerOf(plan)).toEqual(taken);
        await notTold(() => cluster.swapOwner(plan, taken, released));
        if ((await cluster.ownerOf(plan)).owner !== null) {
          expect(await cluster.swapOwner(plan, taken, released)).toBe('won');
        }
        expect(await cluster.ownerOf(plan)).toEqual(released);
      });
    });
  });
}
