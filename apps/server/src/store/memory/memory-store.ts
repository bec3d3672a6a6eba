/** A store in memory for tests of everything above it: the same contract, no durability. */
import { randomUUID } from 'node:crypto';
import type { DocumentId } from '@concord/protocol';
import {
  DuplicateBatchError,
  DuplicateDocumentError,
  StoreError,
  type Batch,
  type Checkpoint,
  type ClientPosition,
  type DocumentRecord,
  type LoggedOperation,
  type Store,
} from '../store.ts';

/** What survives closing: give the same contents to `openMemoryStore` again to reopen. */
export class MemoryContents {
  readonly historyId = randomUUID();
  readonly logs = new Map<DocumentId, LoggedOperation[]>();
  /** By `clientId author`. */
  readonly positions = new Map<DocumentId, Map<string, ClientPosition>>();
  readonly checkpoints = new Map<DocumentId, Checkpoint>();
  readonly documents = new Map<DocumentId, DocumentRecord>();
  /** Ids of opened documents by user id. */
  readonly visits = new Map<string, Set<DocumentId>>();
  readonly people = new Map<string, string>();
}

/** Opens a store over the contents; without an argument, an empty one. */
export function openMemoryStore(contents: MemoryContents = new MemoryContents()): Store {
  let closed = false;
  const whileOpen = (): void => {
    if (closed) throw new StoreError('The store is closed.', false);
  };
  return {
    historyId: contents.historyId,
    log: {
      async append(batch) {
        whileOpen();
        append(contents, batch);
      },
      async headVersion(documentId) {
        whileOpen();
        return contents.logs.get(documentId)?.length ?? 0;
      },
      async read(documentId, afterVersion, limit) {
        whileOpen();
        return (contents.logs.get(documentId) ?? []).slice(afterVersion, afterVersion + limit);
      },
      async positionOf(documentId, clientId, author) {
        whileOpen();
        return contents.positions.get(documentId)?.get(`${clientId} ${author}`) ?? null;
      },
    },
    checkpoints: {
      async latest(documentId) {
        whileOpen();
        return contents.checkpoints.get(documentId) ?? null;
      },
      async write(documentId, checkpoint) {
        whileOpen();
        const latest = contents.checkpoints.get(documentId);
        if (latest === undefined || latest.version < checkpoint.version) {
          contents.checkpoints.set(documentId, checkpoint);
        }
      },
    },
    documents: {
      async create(record) {
        whileOpen();
        if (contents.documents.has(record.id)) {
          throw new DuplicateDocumentError(`Document ${record.id} exists already.`);
        }
        contents.documents.set(record.id, record);
      },
      async get(id) {
        whileOpen();
        return contents.documents.get(id) ?? null;
      },
      async listOf(userId, limit) {
        whileOpen();
        const visited = contents.visits.get(userId);
        return [...contents.documents.values()]
          .filter(({ id, createdBy }) => createdBy === userId || visited?.has(id) === true)
          .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1))
          .slice(0, limit);
      },
      async recordVisit(userId, id) {
        whileOpen();
        if (!contents.documents.has(id)) return;
        const visited = contents.visits.get(userId) ?? new Set();
        contents.visits.set(userId, visited.add(id));
      },
      async ids() {
        whileOpen();
        return [...contents.documents.keys()].sort();
      },
      async rename(id, title, updatedAt) {
        whileOpen();
        const record = contents.documents.get(id);
        if (record !== undefined) contents.documents.set(id, { ...record, title, updatedAt });
      },
    },
    people: {
      async nameOf(userId) {
        whileOpen();
        return contents.people.get(userId) ?? null;
      },
      async setName(userId, name) {
        whileOpen();
        contents.people.set(userId, name);
      },
    },
    async close() {
      closed = true;
    },
  };
}

function append(contents: MemoryContents, batch: Batch): void {
  const { documentId, firstVersion, operations } = batch;
  const log = contents.logs.get(documentId) ?? [];
  const last = operations.at(-1);
  if (last === undefined) throw new StoreError('A batch needs at least one operation.', false);
  if (firstVersion !== log.length + 1) {
    throw new DuplicateBatchError(
      `Version ${firstVersion} of document ${documentId} is not next: the log is at version ${log.length}.`,
    );
  }
  const positions = contents.positions.get(documentId) ?? new Map<string, ClientPosition>();
  for (const operation of operations) {
    const { clientId, seq, author } = operation;
    log.push(operation);
    positions.set(`${clientId} ${author}`, { seq, version: log.length });
  }
  contents.logs.set(documentId, log);
  contents.positions.set(documentId, positions);
  const record = contents.documents.get(documentId);
  if (record !== undefined) contents.documents.set(documentId, { ...record, updatedAt: last.at });
}
