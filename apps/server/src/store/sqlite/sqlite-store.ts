/** The embedded default store: SQLite in a worker thread, one file in the data directory (A5). */
import type { ClientId, DocumentId } from '@concord/protocol';
import { StoreError, type Batch, type Checkpoint, type Store } from '../store.ts';
import { decodeBatches, encodeBatch } from './batch-codec.ts';
import { startWorker } from './start-worker.ts';
import { WorkerConnection } from './worker-connection.ts';

/**
 * Opens the store in a data directory, which is created when it is missing. Nobody else can open it until
 * `close` has resolved or the process has ended. Rejects with {@link StoreOpenError}.
 */
export async function openSqliteStore(dataDirectory: string): Promise<Store> {
  const { worker, historyId } = await startWorker(dataDirectory);
  const connection = new WorkerConnection(worker);
  return {
    historyId,
    log: {
      append: (batch: Batch) =>
        batch.operations.length === 0
          ? Promise.reject(new StoreError('A batch needs at least one operation.', false))
          : connection.write(encodeBatch(batch)),
      headVersion: (id) => connection.read({ kind: 'headVersion', arguments: [id] }),
      read: (id, afterVersion, limit) => readLog(connection, id, afterVersion, limit),
      positionOf: (id: DocumentId, clientId: ClientId, author: string) =>
        connection.read({ kind: 'position', arguments: [id, clientId, author] }),
    },
    checkpoints: {
      latest: (id) => connection.read({ kind: 'checkpoint', arguments: [id] }),
      write: (documentId, checkpoint: Checkpoint) =>
        connection.write({ kind: 'writeCheckpoint', documentId, checkpoint: ownCopy(checkpoint) }),
    },
    documents: {
      create: (record) => connection.write({ kind: 'createDocument', record }),
      get: (id) => connection.read({ kind: 'document', arguments: [id] }),
      listOf: (userId, limit) =>
        connection.read({ kind: 'documentsOf', arguments: [userId, limit] }),
      recordVisit: (userId, id, at) => connection.write({ kind: 'recordVisit', userId, id, at }),
      ids: () => connection.read({ kind: 'documentIds', arguments: [] }),
      rename: (id, title, updatedAt) =>
        connection.write({ kind: 'renameDocument', id, title, updatedAt }),
    },
    people: {
      nameOf: (userId) => connection.read({ kind: 'personName', arguments: [userId] }),
      setName: (userId, name) => connection.write({ kind: 'setPersonName', userId, name }),
    },
    close: () => connection.close(),
  };
}

async function readLog(
  connection: WorkerConnection,
  documentId: DocumentId,
  afterVersion: number,
  limit: number,
) {
  const last = Math.min(afterVersion + limit, Number.MAX_SAFE_INTEGER);
  const lines = await connection.read({
    kind: 'batches',
    arguments: [documentId, afterVersion, last],
  });
  const batches = decodeBatches(documentId, afterVersion + 1, lines);
  const from = batches[0]?.firstVersion ?? 1;
  const operations = batches.flatMap((batch) => batch.operations);
  return operations.slice(afterVersion + 1 - from, last + 1 - from);
}

/**
 * Compressed bytes are often a view into a larger buffer, which posting would copy whole; and they stay the
 * caller's, who may be serving them at this moment.
 */
function ownCopy(checkpoint: Checkpoint): Checkpoint {
  return { ...checkpoint, compressedText: new Uint8Array(checkpoint.compressedText) };
}
