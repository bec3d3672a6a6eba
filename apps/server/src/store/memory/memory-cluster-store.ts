/** Leases and owners in memory: for several nodes in one process, in tests. */
import type { DocumentId } from '@concord/protocol';
import {
  neverOwned,
  type ClusterMember,
  type ClusterStore,
  type LeaseRenewal,
  type Leases,
  type LiveLease,
  type OwnershipRow,
} from '../ports/cluster-store.ts';

interface LeaseRow {
  readonly renewal: LeaseRenewal;
  readonly endsAt: number;
  readonly isDrainRequested: boolean;
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
      const isDrainRequested = row?.isDrainRequested ?? false;
      this.#leases.set(leaseId, { renewal, endsAt: this.#now() + leaseMs, isDrainRequested });
    }
    return 'renewed';
  }

  async endLease(leaseId: string, isOwn: boolean): Promise<'ended' | 'live'> {
    const row = this.#leases.get(leaseId) ?? null;
    if (row !== null && !isOwn && row.endsAt > this.#now()) return 'live';
    this.#leases.set(leaseId, null);
    return 'ended';
  }

  async leases(): Promise<Leases> {
    const live = this.#liveRows();
    return {
      live: live.map(liveLeaseOf),
      ended: [...this.#leases].flatMap(([leaseId, row]) => (row === null ? [leaseId] : [])),
      drainRequested: live.filter((row) => row.isDrainRequested).map((row) => row.renewal.leaseId),
    };
  }

  async requestDrain(node: string): Promise<readonly string[]> {
    const asked = this.#liveRows().filter(({ renewal }) => renewal.node === node);
    for (const row of asked) {
      this.#leases.set(row.renewal.leaseId, { ...row, isDrainRequested: true });
    }
    return asked.map(({ renewal }) => renewal.leaseId);
  }

  async members(): Promise<readonly ClusterMember[]> {
    const owners = [...this.#owners.values()];
    return this.#liveRows().map((row) => {
      const { renewal, endsAt, isDrainRequested } = row;
      const renewedAgoMs = this.#now() - (endsAt - renewal.leaseMs);
      const documents = owners.filter(({ owner }) => owner === renewal.leaseId).length;
      return { ...liveLeaseOf(row), isDrainRequested, renewedAgoMs, documents };
    });
  }

  #liveRows(): readonly LeaseRow[] {
    const now = this.#now();
    return [...this.#leases.values()].filter(
      (row): row is LeaseRow => row !== null && row.endsAt > now,
    );
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

function liveLeaseOf({ renewal }: LeaseRow): LiveLease {
  const { leaseId, node, address, publicUrl, weight, isDraining } = renewal;
  return { leaseId, node, address, publicUrl, weight, isDraining };
}
