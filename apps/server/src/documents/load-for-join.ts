/** What the owner asks the store for before a client may join: its position in the log, and what the client lacks. */
import type { DocumentId } from '@concord/protocol';
import { WorkExceededError } from '../platform/sliced-work.ts';
import type { LoggedOperation, Store } from '../store/ports/store.ts';
import type { DocumentEffect, DocumentInput } from './core/document-messages.ts';
import { aboutBytesOf } from './core/recent-operations.ts';
import { readLog, textAtVersion } from './open-document.ts';

type Load = Extract<DocumentEffect, { type: 'load' }>;
type Loaded = Extract<DocumentInput, { type: 'loaded' }>;

/**
 * Rejects with StoreError or CorruptionError.
 *
 * @param operationAt the durable operation that produced a version, or null
 */
export async function loadForJoin(
  store: Store,
  documentId: DocumentId,
  load: Load,
  operationAt: (version: number) => Promise<LoggedOperation | null>,
): Promise<Loaded> {
  const { session, clientId, epoch, userId, afterVersion, untilVersion, bytesMax } = load;
  const { entryVersion, checksumVersion } = load;
  const position = await store.log.positionOf(documentId, clientId, userId);
  const operations: LoggedOperation[] = [];
  let bytes = 0;
  for await (const read of readLog(store.log, documentId, afterVersion, untilVersion)) {
    operations.push(...read);
    for (const each of read) bytes += aboutBytesOf(each);
    if (bytes > bytesMax) break;
  }
  const isTooLong = bytes > bytesMax;
  const entry = entryVersion === null ? undefined : await operationAt(entryVersion);
  const checksum =
    checksumVersion === null
      ? undefined
      : await checksumAt(store, documentId, checksumVersion, userId);
  return {
    type: 'loaded',
    session,
    clientId,
    epoch,
    position,
    operations: isTooLong ? [] : operations,
    untilVersion,
    isTooLong,
    entry,
    checksum,
  };
}

/** Null when that text costs too much to make. */
async function checksumAt(
  store: Store,
  documentId: DocumentId,
  version: number,
  userId: string,
): Promise<number | null> {
  try {
    return (await textAtVersion(store, documentId, version, userId)).checksum;
  } catch (error) {
    if (error instanceof WorkExceededError) return null;
    throw error;
  }
}
