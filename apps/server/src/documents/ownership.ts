/**
 * Which process orders a document's operations. Ownership only says who may try: what keeps two owners from both
 * writing is the log, by its unique versions and by the epoch that every append carries (store/ports/store.ts).
 */
import type { DocumentId } from '@concord/protocol';
import type { OperationLog } from '../store/ports/store.ts';

export interface OwnershipTerm {
  /** A fencing token: higher than that of every owner before that has written. */
  readonly epoch: number;
}

export interface Ownership {
  /**
   * Takes the document over. Resolves before anything of its log is read, so that what is read includes all that
   * former owners could still write. Rejects with StoreError.
   */
  acquire(documentId: DocumentId): Promise<OwnershipTerm>;
  /** The owner has left memory: another may take the document over. */
  release(documentId: DocumentId, term: OwnershipTerm): void;
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
    return { epoch: (await this.#log.epoch(documentId)) + 1 };
  }

  release(): void {
    // There is no other process that waits for it.
  }
}
