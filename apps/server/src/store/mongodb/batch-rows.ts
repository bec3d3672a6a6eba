/** Batches as rows of the log, and the proof that what is read is what was written. */
import { crc32 } from 'node:zlib';
import type { DocumentId } from '@concord/protocol';
import { ObjectId } from 'mongodb';
import { CorruptionError, type Batch, type LoggedOperation } from '../ports/store.ts';
import type { BatchClient, BatchRow } from './collections.ts';

/** What is read of a row to decode it. */
export type StoredBatch = Pick<
  BatchRow,
  'documentId' | 'firstVersion' | 'lastVersion' | 'payload' | 'checksum'
>;

export function batchRow(batch: Batch): BatchRow {
  const { documentId, firstVersion, epoch = 0, operations } = batch;
  const payload = Buffer.from(JSON.stringify(batch));
  return {
    _id: new ObjectId(),
    documentId,
    firstVersion,
    lastVersion: firstVersion + operations.length - 1,
    epoch,
    clients: lastOfEach(firstVersion, operations),
    payload,
    checksum: crc32(payload),
    isRemoved: false,
    isPurging: false,
  };
}

/** Takes the version after the last one, so that an append in flight cannot bring back a purged document. */
export function tombstone(documentId: DocumentId, head: number, epoch: number): BatchRow {
  return {
    _id: new ObjectId(),
    documentId,
    firstVersion: head + 1,
    lastVersion: head + 1,
    epoch,
    clients: [],
    payload: Buffer.alloc(0),
    checksum: 0,
    isRemoved: true,
    isPurging: true,
  };
}

function lastOfEach(
  firstVersion: number,
  operations: readonly LoggedOperation[],
): BatchRow['clients'] {
  const last = new Map<string, BatchClient>();
  for (const [place, { clientId, author, seq }] of operations.entries()) {
    last.set(`${clientId} ${author}`, { clientId, author, seq, version: firstVersion + place });
  }
  return [...last.values()];
}

export function corruptionOf(documentId: DocumentId, what: string): CorruptionError {
  return new CorruptionError(
    `Document ${documentId}: ${what} is not what was written. ` +
      'Stop the servers and restore the database from a backup.',
  );
}

/** Throws {@link CorruptionError}. */
export function batchIn(row: StoredBatch): Batch {
  const { documentId, firstVersion, lastVersion, payload, checksum } = row;
  const damaged = (): CorruptionError =>
    corruptionOf(documentId, `what the log holds of versions ${firstVersion} to ${lastVersion}`);
  if (crc32(payload) !== checksum) throw damaged();
  const batch = JSON.parse(Buffer.from(payload).toString('utf8')) as Batch;
  const isOwn = batch.documentId === documentId && batch.firstVersion === firstVersion;
  if (!isOwn || firstVersion + batch.operations.length - 1 !== lastVersion) throw damaged();
  return batch;
}

/**
 * The operations of consecutive rows. Throws {@link CorruptionError} when one is missing.
 * @param expected a version in the first row
 */
export function operationsIn(
  documentId: DocumentId,
  rows: readonly StoredBatch[],
  expected: number,
): { readonly firstVersion: number; readonly operations: readonly LoggedOperation[] } {
  const firstVersion = rows[0]?.firstVersion ?? expected;
  let next = firstVersion;
  const operations: LoggedOperation[] = [];
  for (const row of rows) {
    if (row.documentId !== documentId || row.firstVersion !== next) {
      throw corruptionOf(documentId, `the log at version ${next}`);
    }
    operations.push(...batchIn(row).operations);
    next = row.lastVersion + 1;
  }
  const isWithin = expected >= firstVersion && expected < next;
  if (rows.length > 0 && !isWithin)
    throw corruptionOf(documentId, `the log at version ${expected}`);
  return { firstVersion, operations };
}
