/** Batches of the log as records of a transfer, and the proof that one is what was written. */
import { crc32 } from 'node:zlib';
import type { DocumentId } from '@concord/protocol';
import { CorruptionError, type Batch, type LoggedOperation } from '../ports/store.ts';
import type { RecordOf } from '../ports/transfer-store.ts';

/** Throws {@link CorruptionError}. */
export function batchOfRecord(record: RecordOf<'batches'>): Batch {
  const { documentId, firstVersion, lastVersion, checksum, payload } = record;
  const damaged = (): CorruptionError =>
    new CorruptionError(
      `Document ${documentId}: what the log holds of versions ${firstVersion} to ${lastVersion} is not what was written. ` +
        'Run concord verify, and restore a backup from before the damage.',
    );
  if (crc32(payload) !== checksum) throw damaged();
  const batch = JSON.parse(payload) as Batch;
  const { epoch = 0, operations } = batch;
  const isOwn = batch.documentId === documentId && batch.firstVersion === firstVersion;
  const isWhole = firstVersion + operations.length - 1 === lastVersion && operations.length > 0;
  if (!isOwn || !isWhole || epoch !== record.epoch) throw damaged();
  return batch;
}

/** The last operation of each client in a batch. */
export function lastOfEach({ firstVersion, operations }: Batch): readonly {
  readonly operation: LoggedOperation;
  readonly version: number;
}[] {
  const last = new Map<string, { operation: LoggedOperation; version: number }>();
  for (const [place, operation] of operations.entries()) {
    const { clientId, author } = operation;
    last.set(`${clientId} ${author}`, { operation, version: firstVersion + place });
  }
  return [...last.values()];
}

/** A record of a batch as it is written; for stores that keep no payload. */
export function recordOfBatch(batch: Batch): RecordOf<'batches'> {
  const { documentId, firstVersion, epoch = 0, operations } = batch;
  const payload = JSON.stringify(batch);
  const lastVersion = firstVersion + operations.length - 1;
  return { documentId, firstVersion, lastVersion, epoch, checksum: crc32(payload), payload };
}

export const idOf = (documentId: string): DocumentId => documentId as DocumentId;
