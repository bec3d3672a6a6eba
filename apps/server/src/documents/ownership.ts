/**
 * Which process orders the operations of a document. Ownership alone does not exclude a second writer: the log does, by
 * unique versions and by the epoch that each append carries as a fencing token (store/ports/store.ts).
 */
import type { DocumentId } from '@concord/protocol';
import type { OperationLog } from '../store/ports/store.ts';

export interface OwnershipTerm {
  /** Fencing token: higher than that of each former owner that has written. */
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
    // No other process can acquire it.
  }
}
