/**
 * Appends to the log: one insert each, guarded by the unique key (documentId, firstVersion).
 *
 * The log is without gaps, so that an insert at head + 1 which succeeds proves that nothing was appended since the head
 * was read; the epoch of that head is then the newest one. A head that is remembered may thus be stale without harm.
 *
 *   11000              ─▶ read the row back: its `_id` is the own one, or another writer's
 *   timeout, reset, …  ─▶ read the row back: own, another's, or none: then the same row is inserted again
 */
import type { DocumentId } from '@concord/protocol';
import type { ObjectId } from 'mongodb';
import { LRUCache } from 'lru-cache';
import { DuplicateBatchError, FencedError, StoreError, type Batch } from '../ports/store.ts';
import { batchRow } from './batch-rows.ts';
import { decided, type BatchRow, type Collections } from './collections.ts';
import { isDuplicateKey, isOutcomeUnknown, isWriteConflict } from './errors.ts';
import { ATTEMPTS_MS, backoff, type Transaction } from './work.ts';

/** Where a log ends. */
export interface Tail {
  readonly head: number;
  readonly epoch: number;
  /** The document was purged. */
  readonly isRemoved: boolean;
}

const emptyTail: Tail = { head: 0, epoch: 0, isRemoved: false };
/** Documents whose tail is remembered; others cost one more query. */
const KNOWN_TAILS = 10_000;

export async function tailOf(
  { batches }: Pick<Collections, 'batches'>,
  documentId: DocumentId,
  tx: Transaction | null = null,
): Promise<Tail> {
  const newest = await batches.findOne(
    { documentId },
    {
      ...(tx ?? decided),
      sort: { firstVersion: -1 },
      projection: { lastVersion: 1, epoch: 1, isRemoved: 1 },
    },
  );
  if (newest === null) return emptyTail;
  const { lastVersion, epoch, isRemoved } = newest;
  return isRemoved ? { ...emptyTail, isRemoved } : { head: lastVersion, epoch, isRemoved };
}

/** Throws {@link DuplicateBatchError} or {@link FencedError} when the batch is not the next of this tail. */
export function requireNext({ head, epoch: newest, isRemoved }: Tail, batch: Batch): void {
  const { documentId, firstVersion, epoch = 0 } = batch;
  if (isRemoved) throw new DuplicateBatchError(`Document ${documentId} was deleted permanently.`);
  if (firstVersion !== head + 1) {
    throw new DuplicateBatchError(
      `Version ${firstVersion} of document ${documentId} is not next: the log is at version ${head}.`,
    );
  }
  if (epoch < newest) {
    throw new FencedError(
      `Document ${documentId} was taken over: the log is at epoch ${newest}, the append is of ${epoch}.`,
    );
  }
}

export function requireOperations({ operations }: Batch): void {
  if (operations.length === 0) throw new StoreError('A batch needs at least one operation.', false);
}

export class Appends {
  readonly #rows: Collections;
  readonly #tails = new LRUCache<DocumentId, Tail>({ max: KNOWN_TAILS });

  constructor(rows: Collections) {
    this.#rows = rows;
  }

  /** What was remembered is no longer certain. */
  forget(documentId: DocumentId): void {
    this.#tails.delete(documentId);
  }

  /** In the document's queue: no two appends of one process run at once. */
  async append(batch: Batch): Promise<void> {
    requireOperations(batch);
    const { documentId, epoch = 0 } = batch;
    requireNext(await this.#tailBefore(batch), batch);
    const row = batchRow(batch);
    this.forget(documentId);
    await this.#insert(row);
    this.#tails.set(documentId, { head: row.lastVersion, epoch, isRemoved: false });
    await this.#touch(documentId, batch.operations.at(-1)?.at ?? 0);
  }

  async #tailBefore(batch: Batch): Promise<Tail> {
    const known = this.#tails.get(batch.documentId);
    const { epoch = 0 } = batch;
    if (known !== undefined && known.head + 1 === batch.firstVersion && epoch >= known.epoch) {
      return known;
    }
    return tailOf(this.#rows, batch.documentId);
  }

  /** Resolves when the row is there, durable and the own one. */
  async #insert(row: BatchRow): Promise<void> {
    const until = Date.now() + ATTEMPTS_MS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#rows.batches.insertOne(row);
        return;
      } catch (error) {
        const mayBeThere = isDuplicateKey(error) || isOutcomeUnknown(error);
        if (!mayBeThere && !isWriteConflict(error)) throw error;
        const writer = await this.#writerOf(row, until);
        if (writer?.equals(row._id) === true) return;
        if (writer !== null) {
          throw new DuplicateBatchError(
            `Version ${row.firstVersion} of document ${row.documentId} was written by another server.`,
          );
        }
        if (Date.now() > until) throw unknownOutcome(row, error);
        await backoff(attempt);
      }
    }
  }

  /** Who wrote the version, as a majority has it; null for none. */
  async #writerOf({ documentId, firstVersion }: BatchRow, until: number): Promise<ObjectId | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const found = await this.#rows.batches.findOne(
          { documentId, firstVersion },
          { ...decided, projection: { _id: 1 } },
        );
        return found?._id ?? null;
      } catch (error) {
        if (!isOutcomeUnknown(error)) throw error;
        if (Date.now() > until) throw unknownOutcome({ documentId, firstVersion }, error);
        await backoff(attempt);
      }
    }
  }

  /**
   * Moves the document's time of change, in a write of its own that need not be durable: the batch is, and the next one
   * moves it again. After a crash a list may show the time of the batch before.
   */
  async #touch(documentId: DocumentId, at: number): Promise<void> {
    await this.#rows.documents
      .updateOne({ _id: documentId }, { $set: { updatedAt: at } }, { writeConcern: { w: 1 } })
      .catch((error: unknown) => {
        if (!isOutcomeUnknown(error) && !isWriteConflict(error)) throw error;
      });
  }
}

function unknownOutcome(
  { documentId, firstVersion }: Pick<BatchRow, 'documentId' | 'firstVersion'>,
  cause: unknown,
): StoreError {
  return new StoreError(
    `The database did not say in time whether version ${firstVersion} of document ${documentId} was stored. ` +
      'It was not confirmed to its authors, whose clients send it again.',
    false,
    { cause },
  );
}
