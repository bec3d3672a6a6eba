/**
 * Which process orders the operations of a document. Ownership alone does not exclude a second writer: the log does, by
 * unique versions and by the epoch that each append carries as a fencing token (store/ports/store.ts).
 */
import type { DocumentId } from '@concord/protocol';
import type { OperationLog } from '../store/ports/store.ts';

export interface OwnershipTerm {
  /** Fencing token: higher than that of each former owner that has written. */
  readonly epoch: number;
  /** What is read of the log must reach this version; null when every read of it is up to date. */
  readonly head: number | null;
}

export interface AcquireOptions {
  /** Another node sent the client here: it is not sent on without need. */
  readonly isForwarded: boolean;
}

/** How an owner left its document. */
export interface LeftDocument {
  /** The version up to which the log is known. */
  readonly head: number;
  /** No append failed, is under way or is in doubt: the log ends at `head`. */
  readonly isClean: boolean;
}

export interface Ownership {
  /**
   * Takes the document over. Resolves before anything of its log is read, so that what is read includes all that
   * former owners could still write. Null when there is no such document: ids can be made up, and nothing is written
   * for those. Rejects with NotHereError, or with a StoreError that is worth another attempt.
   */
  acquire(documentId: DocumentId, options: AcquireOptions): Promise<OwnershipTerm | null>;
  /** The owner has left memory: another may take the document over. */
  release(documentId: DocumentId, term: OwnershipTerm, left: LeftDocument): void;
  /** Whether documents of this process may be answered for at this very moment, reads included. */
  mayAnswer(): boolean;
}

/**
 * One process owns every document. The next epoch is that of the newest batch, and one more: a document that is only
 * read costs no write, and a former owner in this process (one that threw, with an append under way) is fenced off by
 * the first append of the next.
 */
export class LocalOwnership implements Ownership {
  readonly #log: Pick<OperationLog, 'epoch'>;

  constructor(log: Pick<OperationLog, 'epoch'>) {
    this.#log = log;
  }

  async acquire(documentId: DocumentId): Promise<OwnershipTerm> {
    return { epoch: (await this.#log.epoch(documentId)) + 1, head: null };
  }

  release(): void {
    // No other process can acquire it.
  }

  mayAnswer(): boolean {
    return true;
  }
}
