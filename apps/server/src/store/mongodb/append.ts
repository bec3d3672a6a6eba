/**
 * Appends to the log: one insert each, guarded by the unique key (documentId, firstVersion).
 *
 * The log is without gaps, so that an insert at head + 1 which succeeds proves that nothing was appended since the head
 * was read; the epoch of that head is then the newest one. A head that is remembered may thus be stale without harm.
 * What became of an insert that was not answered is decided by core/append-attempt.ts, as it is simulated.
 */
import type { DocumentId } from '@concord/protocol';
import { LRUCache } from 'lru-cache';
import { DuplicateBatchError, FencedError, StoreError, type Batch } from '../ports/store.ts';
import { batchRow } from './batch-rows.ts';
import type { ChangeTimes } from './change-times.ts';
import { decided, type Collections } from './collections.ts';
import type { Core } from './core.ts';
import { insertRow } from './insert-row.ts';
import type { Transaction } from './work.ts';

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
  readonly #changeTimes: ChangeTimes;
  readonly #tails = new LRUCache<DocumentId, Tail>({ max: KNOWN_TAILS });

  constructor({ rows, changeTimes }: Core) {
    this.#rows = rows;
    this.#changeTimes = changeTimes;
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
    await insertRow(this.#rows, row);
    this.#tails.set(documentId, { head: row.lastVersion, epoch, isRemoved: false });
    this.#changeTimes.changed(documentId, batch.operations.at(-1)?.at ?? 0);
  }

  async #tailBefore(batch: Batch): Promise<Tail> {
    const known = this.#tails.get(batch.documentId);
    const { epoch = 0 } = batch;
    if (known !== undefined && known.head + 1 === batch.firstVersion && epoch >= known.epoch) {
      return known;
    }
    return tailOf(this.#rows, batch.documentId);
  }
}
