/** The contract of what several servers share. Stores with a clock of their own wait for it: leases here are short. */
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { documentId } from '../test-batches.ts';
import {
  neverOwned,
  type ClusterStore,
  type LeaseRenewal,
  type Leases,
  type LiveLease,
} from '../ports/cluster-store.ts';

const plan = documentId('plan');
const LONG_MS = 600_000;

const none: Leases = { live: [], ended: [], drainRequested: [] };
const live: LiveLease = {
  ...{ leaseId: 'a#1', node: 'a', weight: 2, isDraining: false },
  ...{ address: 'http://10.0.0.1:8000', publicUrl: 'https://a.example' },
};
const renewal = (number: number, changes: Partial<LeaseRenewal> = {}): LeaseRenewal => ({
  ...{ ...live, number, mayInsert: true, leaseMs: LONG_MS },
  ...changes,
});

/** @param open an empty store for each test */
export function describeClusterStore(name: string, open: () => Promise<ClusterStore>): void {
  describe(`what servers share in ${name}`, () => {
    let store: ClusterStore;
    beforeEach(async () => {
      store = await open();
    });

    it('has a lease from its first renewal on, and no lease before', async () => {
      expect(await store.leases()).toEqual(none);
      expect(await store.renewLease(renewal(1))).toBe('renewed');
      expect(await store.leases()).toEqual({ ...none, live: [live] });
    });

    it('keeps the addresses of the last renewal, with or without one for clients', async () => {
      await store.renewLease(renewal(1, { publicUrl: null }));
      expect((await store.leases()).live).toEqual([{ ...live, publicUrl: null }]);
      const address = 'http://10.0.0.2:8000';
      await store.renewLease(renewal(2, { address }));
      expect((await store.leases()).live).toEqual([{ ...live, address }]);
    });

    it('keeps the last renewal of a lease: a late one changes nothing, a repeated one is told as written', async () => {
      await store.renewLease(renewal(1));
      expect(await store.renewLease(renewal(3, { isDraining: true }))).toBe('renewed');
      expect(await store.renewLease(renewal(2))).toBe('overtaken');
      expect(await store.renewLease(renewal(3, { isDraining: true }))).toBe('renewed');
      expect((await store.leases()).live).toEqual([{ ...live, isDraining: true }]);
    });

    it('has no renewal of a lease that is not there, unless it may begin', async () => {
      expect(await store.renewLease(renewal(2, { mayInsert: false }))).toBe('ended');
      expect((await store.leases()).live).toEqual([]);
    });

    it('lets a node end its lease at any time, and no renewal succeeds after that', async () => {
      await store.renewLease(renewal(1));
      expect(await store.endLease('a#1', true)).toBe('ended');
      expect(await store.leases()).toEqual({ ...none, ended: ['a#1'] });
      expect(await store.renewLease(renewal(2))).toBe('ended');
      expect(await store.endLease('a#1', false)).toBe('ended');
    });

    it("lets another node end a lease only when its end has passed by the store's clock", async () => {
      await store.renewLease(renewal(1));
      expect(await store.endLease('a#1', false)).toBe('live');
      await store.renewLease(renewal(2, { leaseMs: 1 }));
      // Ends when the store's clock says so, however fast it runs.
      while ((await store.endLease('a#1', false)) === 'live') await setTimeout(2);
      expect(await store.leases()).toEqual({ ...none, ended: ['a#1'] });
      expect(await store.renewLease(renewal(3))).toBe('ended');
    });

    it('does not count a lease past its end as live, which can still be renewed', async () => {
      await store.renewLease(renewal(1, { leaseMs: 1 }));
      while ((await store.leases()).live.length > 0) await setTimeout(2);
      expect((await store.leases()).ended).toEqual([]);
      expect(await store.renewLease(renewal(2))).toBe('renewed');
      expect((await store.leases()).live).toEqual([live]);
    });

    it('writes a lease that is not there as ended, so that it cannot begin', async () => {
      expect(await store.endLease('a#1', false)).toBe('ended');
      expect(await store.renewLease(renewal(1))).toBe('ended');
    });

    it('tells a node that it was asked to drain, through its renewals, until its lease is over', async () => {
      await store.renewLease(renewal(1));
      await store.renewLease(renewal(1, { leaseId: 'b#1', node: 'b' }));
      expect(await store.requestDrain('a')).toEqual(['a#1']);
      expect((await store.leases()).drainRequested).toEqual(['a#1']);
      await store.renewLease(renewal(2));
      expect((await store.leases()).drainRequested).toEqual(['a#1']);
      expect(await store.requestDrain('a')).toEqual(['a#1']);
      await store.endLease('a#1', true);
      expect((await store.leases()).drainRequested).toEqual([]);
    });

    it('does not ask a node to drain that is not a member, nor its next lease', async () => {
      expect(await store.requestDrain('a')).toEqual([]);
      await store.renewLease(renewal(1));
      await store.requestDrain('a');
      await store.endLease('a#1', true);
      expect(await store.requestDrain('a')).toEqual([]);
      await store.renewLease(renewal(1, { leaseId: 'a#2' }));
      expect((await store.leases()).drainRequested).toEqual([]);
    });

    it('does not ask a node to drain whose lease is past its end', async () => {
      await store.renewLease(renewal(1, { leaseMs: 1 }));
      while ((await store.leases()).live.length > 0) await setTimeout(2);
      expect(await store.requestDrain('a')).toEqual([]);
    });

    it('counts the documents of each live member', async () => {
      expect(await store.members()).toEqual([]);
      await store.renewLease(renewal(1));
      await store.renewLease(renewal(1, { leaseId: 'b#1', node: 'b' }));
      await store.renewLease(renewal(1, { leaseId: 'c#1', node: 'c' }));
      await store.endLease('c#1', true);
      await store.requestDrain('b');
      for (const name of ['one', 'two']) {
        const row = { epoch: 1, owner: 'a#1', head: null };
        await store.swapOwner(documentId(name), neverOwned, row);
      }
      const released = { epoch: 2, owner: null, head: 4 };
      await store.swapOwner(documentId('two'), { epoch: 1, owner: 'a#1' }, released);
      const members = [...(await store.members())].sort((a, b) => (a.node < b.node ? -1 : 1));
      const renewedAgoMs = expect.any(Number) as number;
      expect(members).toEqual([
        { ...live, isDrainRequested: false, renewedAgoMs, documents: 1 },
        { ...live, leaseId: 'b#1', node: 'b', isDrainRequested: true, renewedAgoMs, documents: 0 },
      ]);
      for (const member of members) expect(member.renewedAgoMs).toBeGreaterThanOrEqual(0);
      for (const member of members) expect(member.renewedAgoMs).toBeLessThan(LONG_MS);
    });

    it('has no owner of a document at first', async () => {
      expect(await store.ownerOf(plan)).toEqual(neverOwned);
    });

    it('changes the owner only from the epoch and owner that are expected', async () => {
      const first = { epoch: 1, owner: 'a#1', head: null };
      expect(await store.swapOwner(plan, neverOwned, first)).toBe('won');
      expect(await store.swapOwner(plan, neverOwned, { ...first, owner: 'b#1' })).toBe('lost');
      expect(await store.ownerOf(plan)).toEqual(first);
      expect(await store.swapOwner(plan, { epoch: 1, owner: 'b#1' }, neverOwned)).toBe('lost');
      expect(await store.swapOwner(plan, { epoch: 0, owner: 'a#1' }, neverOwned)).toBe('lost');
      const released = { epoch: 1, owner: null, head: 31 };
      expect(await store.swapOwner(plan, first, released)).toBe('won');
      expect(await store.ownerOf(plan)).toEqual(released);
      expect(await store.ownerOf(documentId('notes'))).toEqual(neverOwned);
    });

    it('lets one of many win that want a document at once', async () => {
      const wanted = Array.from({ length: 20 }, (_, index) =>
        store.swapOwner(plan, neverOwned, { epoch: 1, owner: `node-${index}`, head: null }),
      );
      const outcomes = await Promise.all(wanted);
      expect(outcomes.filter((outcome) => outcome === 'won')).toHaveLength(1);
      const winner = outcomes.indexOf('won');
      expect((await store.ownerOf(plan)).owner).toBe(`node-${winner}`);
    });
  });
}
