/**
 * The part of the database that several servers share: leases of nodes, and who owns a document (docs/cluster.md). Every
 * promise that resolves means: a majority has it. A write that rejects with StoreError may have been carried out, or be
 * carried out later. Times are the database's own.
 */
import type { DocumentId } from '@concord/protocol';

export interface LeaseRenewal {
  /** Never used again. */
  readonly leaseId: string;
  /** Name of the node, the same after a restart. */
  readonly node: string;
  /** URL at which other nodes reach it. */
  readonly address: string;
  /** URL at which clients reach this very node; null when they reach only the service as a whole. */
  readonly publicUrl: string | null;
  readonly weight: number;
  /** Rises with each renewal. */
  readonly number: number;
  readonly isDraining: boolean;
  /** Whether the lease may begin with this renewal; else a lease that is not there is ended. */
  readonly mayInsert: boolean;
  /** The lease ends so long after the database's clock at the write. */
  readonly leaseMs: number;
}

export type LiveLease = Pick<
  LeaseRenewal,
  'leaseId' | 'node' | 'address' | 'publicUrl' | 'weight' | 'isDraining'
>;

export interface OwnershipRow {
  /** Raised by each takeover: names one owner, and is the fencing token of its appends. */
  readonly epoch: number;
  /** Lease id of the owner; null when the document was released. */
  readonly owner: string | null;
  /**
   * Released with nothing in doubt: no append of this epoch or a former one can land any more, and the log ends at
   * this version. Null otherwise.
   */
  readonly head: number | null;
}

/** Stands for the row of a document that never had an owner. */
export const neverOwned: OwnershipRow = { epoch: 0, owner: null, head: 0 };

export interface ClusterStore {
  /**
   * Writes the renewal where the lease is not ended, and has a lower number.
   * Resolves to `renewed`, also when it was written before; `overtaken` when a later one was; `ended`.
   */
  renewLease(renewal: LeaseRenewal): Promise<'renewed' | 'overtaken' | 'ended'>;
  /**
   * Ends the lease for good: no renewal succeeds after that.
   * @param isOwn by its node. Else only if its end has passed; a lease that is not there is written as ended
   */
  endLease(leaseId: string, isOwn: boolean): Promise<'ended' | 'live'>;
  /** Leases that are neither ended nor past their end, and ids of those that are ended. May be old. */
  leases(): Promise<{ readonly live: readonly LiveLease[]; readonly ended: readonly string[] }>;
  /** {@link neverOwned} for none. May be old. */
  ownerOf(documentId: DocumentId): Promise<OwnershipRow>;
  /** Writes the row where it has this epoch and owner. */
  swapOwner(
    documentId: DocumentId,
    expected: Pick<OwnershipRow, 'epoch' | 'owner'>,
    row: OwnershipRow,
  ): Promise<'won' | 'lost'>;
}
