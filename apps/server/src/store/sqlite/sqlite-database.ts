/** The database as the worker sees it: synchronous reads, and writes a group at a time. */
import { CorruptionError, DuplicateBatchError, DuplicateDocumentError } from '../store.ts';
import { DocumentTables } from './document-tables.ts';
import { LogTables } from './log-tables.ts';
import type {
  Failure,
  ReadAnswers,
  ReadOutcome,
  ReadRequest,
  WriteFailure,
  WriteRequest,
} from './messages.ts';
import { openDatabase } from './open-database.ts';
import { DamagedRowError, type Connection } from './rows.ts';

export class SqliteDatabase {
  readonly historyId: string;
  readonly #connection: Connection;
  readonly #log: LogTables;
  readonly #documents: DocumentTables;

  /** Throws `StoreOpenError`. */
  constructor(dataDirectory: string) {
    const { connection, historyId } = openDatabase(dataDirectory);
    this.historyId = historyId;
    this.#connection = connection;
    this.#log = new LogTables(connection);
    this.#documents = new DocumentTables(connection, this.#log);
  }

  read(request: ReadRequest): ReadOutcome {
    try {
      return { value: this.#answer(request) };
    } catch (error) {
      return { failure: readFailureOf(error, request) };
    }
  }

  /**
   * Writes the requests in one transaction, with one sync of the disk (group commit). When it returns, all are
   * durable (I1) except those it names, which found a version or an id taken and changed nothing.
   * Whatever else goes wrong is thrown: the disk's state is unknown then, nothing may be written again.
   */
  write(requests: readonly WriteRequest[]): readonly WriteFailure[] {
    const failures: WriteFailure[] = [];
    this.#connection.exec('BEGIN IMMEDIATE');
    requests.forEach((request, place) => {
      try {
        this.#apply(request);
      } catch (error) {
        const failure = expectedFailureOf(error);
        if (failure === null) throw error;
        failures.push({ place, failure });
      }
    });
    this.#connection.exec('COMMIT');
    return failures;
  }

  close(): void {
    this.#connection.close();
  }

  #apply(request: WriteRequest): void {
    if (typeof request === 'string') return this.#log.append(request);
    switch (request.kind) {
      case 'createDocument':
        return this.#documents.create(request.record);
      case 'renameDocument':
        return this.#documents.rename(request.id, request.title, request.updatedAt);
      case 'recordVisit':
        return this.#documents.recordVisit(request.userId, request.id, request.at);
      case 'setPersonName':
        return this.#documents.setName(request.userId, request.name);
      case 'writeCheckpoint':
        return this.#documents.writeCheckpoint(request.documentId, request.checkpoint);
    }
  }

  #answer(request: ReadRequest): ReadAnswers[keyof ReadAnswers] {
    switch (request.kind) {
      case 'headVersion':
        return this.#log.headVersion(...request.arguments);
      case 'batches':
        return this.#log.batches(...request.arguments);
      case 'position':
        return this.#log.position(...request.arguments);
      case 'checkpoint':
        return this.#documents.checkpoint(...request.arguments);
      case 'document':
        return this.#documents.document(...request.arguments);
      case 'documentsOf':
        return this.#documents.documentsOf(...request.arguments);
      case 'documentIds':
        return this.#documents.ids();
      case 'personName':
        return this.#documents.nameOf(...request.arguments);
    }
  }
}

/** Of a request that found something taken, before it changed anything; null for any other error. */
function expectedFailureOf(error: unknown): Failure | null {
  if (error instanceof DuplicateBatchError || error instanceof DuplicateDocumentError) {
    return { kind: error.code, message: error.message };
  }
  return null;
}

function readFailureOf(error: unknown, request: ReadRequest): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof CorruptionError) return { kind: 'corruption', message: reason };
  const code = (error as { readonly code?: unknown }).code;
  if (error instanceof DamagedRowError || code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB') {
    const about = request.arguments[0] ?? 'all documents';
    return {
      kind: 'corruption',
      message:
        `The database is damaged where ${request.kind} of ${about} is kept (${reason}). ` +
        'Stop the server and restore the data directory from a backup.',
    };
  }
  return { kind: 'unavailable', message: `The database cannot be read: ${reason}` };
}
