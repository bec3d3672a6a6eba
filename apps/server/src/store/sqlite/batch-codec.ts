/** A batch as it stands in the file: JSON that names its document and version, under a checksum. */
import { crc32 } from 'node:zlib';
import type { DocumentId } from '@concord/protocol';
import { CorruptionError, type Batch } from '../ports/store.ts';

/** Encoded once, on the main thread; the file holds exactly this text. */
export function encodeBatch(batch: Batch): string {
  return JSON.stringify(batch);
}

/** Trusts its input: it was checked when it was encoded, or its checksum was. */
export function decodeBatch(json: string): Batch {
  return JSON.parse(json) as Batch;
}

/** CRC-32, unsigned: finds every burst of flipped bits up to 32 bits long. */
export function checksumOf(bytes: Uint8Array): number {
  return crc32(bytes);
}

/** Names what is damaged, and what to do. */
export function corruptionOf(
  documentId: DocumentId | string,
  what: string,
  options?: ErrorOptions,
): CorruptionError {
  return new CorruptionError(
    `Document ${documentId}: ${what} is not what was written. ` +
      'Stop the server and restore the data directory from a backup.',
    options,
  );
}

/**
 * Checks the batches read from a file.
 * @param headers a line per batch: first version, last version, checksum
 * @param payloads the JSON of the batches, one a line
 * @returns the payloads; throws {@link CorruptionError}
 */
export function verifiedLines(documentId: string, headers: string, payloads: Uint8Array): string {
  let start = 0;
  for (const header of headers.split('\n')) {
    const [first, last, checksum] = header.split(' ');
    const newline = payloads.indexOf(0x0a, start);
    const end = newline < 0 ? payloads.length : newline;
    if (start > end || checksumOf(payloads.subarray(start, end)) !== Number(checksum)) {
      throw corruptionOf(documentId, `what the log holds of versions ${first} to ${last}`);
    }
    start = end + 1;
  }
  if (start <= payloads.length) throw corruptionOf(documentId, 'the end of the log');
  return Buffer.from(payloads.buffer, payloads.byteOffset, payloads.byteLength).toString('utf8');
}

/**
 * Decodes consecutive batches and proves that they are the document's, without gap or overlap (I3).
 * @param expectedVersion a version inside the first batch
 * @param lines the JSON of the batches, one a line; none when empty
 */
export function decodeBatches(
  documentId: DocumentId,
  expectedVersion: number,
  lines: string,
): readonly Batch[] {
  const batches = lines === '' ? [] : lines.split('\n').map(decodeBatch);
  let expected = batches[0]?.firstVersion ?? expectedVersion;
  for (const batch of batches) {
    if (batch.documentId !== documentId || batch.firstVersion !== expected) {
      throw corruptionOf(documentId, `the log at version ${expected}`);
    }
    expected += batch.operations.length;
  }
  const [first] = batches;
  if (first !== undefined) {
    const end = first.firstVersion + first.operations.length;
    if (expectedVersion < first.firstVersion || expectedVersion >= end) {
      throw corruptionOf(documentId, `the log at version ${expectedVersion}`);
    }
  }
  return batches;
}
