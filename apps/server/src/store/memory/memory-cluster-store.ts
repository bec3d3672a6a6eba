/** Leases and owners in memory: for several nodes in one process, in tests. */
import type { DocumentId } from '@concord/protocol';
import {
  neverOwned,
  type ClusterStore,
  type LeaseRenewal,
  type LiveLease,
  type OwnershipRow,
} from '../ports/cluster-store.ts';

interface LeaseRow {
  readonly renewal: LeaseRenewal;
  readonly endsAt: number;
}

export class MemoryClusterStore implements ClusterStore {
  readonly #now: () => number;
  /** Null for one that is ended. */
  readonly #leases = new Map<string, LeaseRow | null>();
  readonly #owners = new Map<DocumentId, OwnershipRow>();

  /** @param now the database's clock, in milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async renewLease(renewal: LeaseRenewal): Promise<'renewed' | 'overtaken' | 'ended'> {
    const { leaseId, number, mayInsert, leaseMs } = renewal;
    const row = this.#leases.get(leaseId);
    if (row === null || (row === undefined && !mayInsert)) return 'ended';
    if (row !== undefined && row.renewal.number > number) return 'overtaken';
    if (row?.renewal.number !== number) {
      this.#leases.set(leaseId, { renewal, endsAt: this.#now() + leaseMs });
    }
    return 'renewed';
  }

  async endLease(leaseId: string, isOwn: boolean): Promise<'ended' | 'live'> {
    const row = this.#leases.get(leaseId) ?? null;
    if (row !== null && !isOwn && row.endsAt > this.#now()) return 'live';
    this.#leases.set(leaseId, null);
    return 'ended';
  }

  async leases(): Promise<{ live: readonly LiveLease[]; ended: readonly string[] }> {
    const live: LiveLease[] = [];
    const ended: string[] = [];
    for (const [leaseId, row] of this.#leases) {
      if (row === null) ended.push(leaseId);
      else if (row.endsAt > this.#now()) {
        const { node, address, publicUrl, weight, isDraining } = row.renewal;
        live.push({ leaseId, node, address, publicUrl, weight, isDraining });
      }
    }
    return { live, ended };
  }

  async ownerOf(documentId: DocumentId): Promise<OwnershipRow> {
    return this.#owners.get(documentId) ?? neverOwned;
  }

  async swapOwner(
    documentId: DocumentId,
    expected: Pick<OwnershipRow, 'epoch' | 'owner'>,
    row: OwnershipRow,
  ): Promise<'won' | 'lost'> {
    const { epoch, owner } = this.#owners.get(documentId) ?? neverOwned;
    if (epoch !== expected.epoch || owner !== expected.owner) return 'lost';
    this.#owners.set(documentId, row);
    return 'won';
  }
}
