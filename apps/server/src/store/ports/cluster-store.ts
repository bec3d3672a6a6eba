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

export interface Leases {
  /** Neither ended nor past their end. */
  readonly live: readonly LiveLease[];
  /** Ids of those that were ended last. One that is missing here may be ended, too. */
  readonly ended: readonly string[];
  /** Ids of live ones whose nodes were asked to drain. */
  readonly drainRequested: readonly string[];
}

/** A live lease as an administrator sees it. */
export interface ClusterMember extends LiveLease {
  readonly isDrainRequested: boolean;
  /** Since the last renewal, by the database's clock. */
  readonly renewedAgoMs: number;
  /** How many documents it owns. */
  readonly documents: number;
}

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
  /** May be old. */
  leases(): Promise<Leases>;
  /**
   * Asks the node to drain: a reader of {@link leases} finds its live lease among `drainRequested` from then on. A lease
   * that the node begins later, after a restart, is not asked.
   * @returns ids of the live leases of the node; none when it is not a member
   */
  requestDrain(node: string): Promise<readonly string[]>;
  /** For administrators: counts the documents of each live lease, which reads every owner. May be old. */
  members(): Promise<readonly ClusterMember[]>;
  /** {@link neverOwned} for none. May be old. */
  ownerOf(documentId: DocumentId): Promise<OwnershipRow>;
  /** Writes the row where it has this epoch and owner. */
  swapOwner(
    documentId: DocumentId,
    expected: Pick<OwnershipRow, 'epoch' | 'owner'>,
    row: OwnershipRow,
  ): Promise<'won' | 'lost'>;
}
