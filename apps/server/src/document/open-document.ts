/** Opens a document from the store: the latest checkpoint, and the log after it (A10). */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { DocumentText, textChecksum } from '@concord/ot';
import type { DocumentId, Limits } from '@concord/protocol';
import {
  CorruptionError,
  type Checkpoint,
  type DocumentRecord,
  type LoggedOperation,
  type OperationLog,
  type Store,
} from '../store/store.ts';
import type { OpenedDocument } from './document-messages.ts';

const gunzipAsync = promisify(gunzip);
const gzipAsync = promisify(gzip);

/** Operations read from the log at a time, so that a long log does not hold the store up. */
const READ_OPERATIONS = 5_000;

/** What the owner needs, and the checkpoint it came from, to be served as it is. */
export interface Opened {
  readonly document: OpenedDocument;
  readonly checkpoint: Checkpoint | null;
}

/** Null when there is no such document. Rejects with CorruptionError or StoreError. */
export async function openDocument(
  store: Store,
  documentId: DocumentId,
  limits: Limits,
): Promise<Opened | null> {
  const record: DocumentRecord | null = await store.documents.get(documentId);
  const access = record === null ? null : await store.access.get(documentId);
  if (record === null || access === null) return null;
  const checkpoint = await store.checkpoints.latest(documentId);
  const version = checkpoint?.version ?? 0;
  const text =
    checkpoint === null ? DocumentText.empty : await textOfCheckpoint(documentId, checkpoint);
  const tail: LoggedOperation[] = [];
  for await (const operations of readLog(store.log, documentId, version)) tail.push(...operations);
  const { historyId } = store;
  const { title } = record;
  return {
    document: { documentId, historyId, title, limits, access, version, text, tail },
    checkpoint,
  };
}

/** The log after a version, in pieces. */
export async function* readLog(
  log: OperationLog,
  documentId: DocumentId,
  afterVersion: number,
  untilVersion = Infinity,
): AsyncGenerator<readonly LoggedOperation[]> {
  for (let version = afterVersion; version < untilVersion;) {
    const limit = Math.min(READ_OPERATIONS, untilVersion - version);
    const operations = await log.read(documentId, version, limit);
    if (operations.length === 0) return;
    yield operations;
    version += operations.length;
  }
}

/** The text at a version that the document has had: replayed from its checkpoint, or from the beginning. */
export async function textAtVersion(
  store: Store,
  documentId: DocumentId,
  version: number,
): Promise<DocumentText> {
  const checkpoint = await store.checkpoints.latest(documentId);
  const isUsable = checkpoint !== null && checkpoint.version <= version;
  let text = isUsable ? await textOfCheckpoint(documentId, checkpoint) : DocumentText.empty;
  const from = isUsable ? checkpoint.version : 0;
  for await (const operations of readLog(store.log, documentId, from, version)) {
    for (const { op } of operations) text = text.apply(op);
  }
  return text;
}

/** Rejects with CorruptionError when the text is not the one that was written (I6). */
export async function textOfCheckpoint(
  documentId: DocumentId,
  checkpoint: Checkpoint,
): Promise<DocumentText> {
  const bytes = await gunzipAsync(checkpoint.compressedText).catch(() => null);
  const text = bytes?.toString('utf8');
  if (text === undefined || textChecksum(text) !== checkpoint.checksum) {
    throw new CorruptionError(
      `The checkpoint of document ${documentId} at version ${checkpoint.version} is damaged: ` +
        'restore the data directory from a backup.',
    );
  }
  return DocumentText.from(text);
}

/** Compresses away from the event loop. */
export async function checkpointOf(text: DocumentText, version: number): Promise<Checkpoint> {
  const characters = text.toString();
  return {
    version,
    compressedText: await gzipAsync(characters, { level: 6 }),
    checksum: text.checksum,
    lengthCodePoints: text.lengthCodePoints,
  };
}
