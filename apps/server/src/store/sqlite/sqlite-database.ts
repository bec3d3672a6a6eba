/** The database as a worker sees it: synchronous reads and writes, a group at a time. */
import { LastOwnerError } from '../access-store.ts';
import { DuplicateAccountError, InvitationError } from '../account-store.ts';
import { CorruptionError, DuplicateBatchError, DuplicateDocumentError } from '../store.ts';
import { AccessTables } from './access-tables.ts';
import { AccountTables } from './account-tables.ts';
import { DocumentTables } from './document-tables.ts';
import { LibraryTables } from './library-tables.ts';
import { LogTables } from './log-tables.ts';
import type { Call, Failure, Outcome, PlacedOutcome, Tables, WriteRequest } from './messages.ts';
import type { OpenedDatabase } from './open-database.ts';
import { DamagedRowError, Statements, type Connection } from './rows.ts';
import { RetentionTables } from './retention-tables.ts';
import { SearchTables } from './search-tables.ts';
import { SessionTables } from './session-tables.ts';

export class SqliteDatabase {
  readonly historyId: string;
  readonly #connection: Connection;
  readonly #close: () => void;
  readonly #tables: Tables;

  /** @param options `isOnlyWriter`: nothing changes but by this connection, so that heads may be remembered */
  constructor(
    { connection, historyId, close }: OpenedDatabase,
    options: { readonly isOnlyWriter: boolean },
  ) {
    this.historyId = historyId;
    this.#connection = connection;
    this.#close = close;
    const sql = new Statements(connection);
    const log = new LogTables(connection, options);
    const search = new SearchTables(sql, log);
    const library = new LibraryTables(sql, log);
    const documents = new DocumentTables(sql, log, search, library);
    this.#tables = {
      log,
      documents,
      access: new AccessTables(sql, log),
      library,
      search,
      accounts: new AccountTables(sql, documents),
      sessions: new SessionTables(sql),
      retention: new RetentionTables(sql),
    };
  }

  /** Answers the requests from one snapshot: a request of several statements sees one state of the tables. */
  read(requests: readonly Call[]): readonly Outcome[] {
    try {
      this.#connection.exec('BEGIN');
    } catch {
      // Each request says for itself why it cannot be answered.
      return requests.map((request) => this.#read(request));
    }
    const outcomes = requests.map((request) => this.#read(request));
    this.#connection.exec('COMMIT');
    return outcomes;
  }

  #read(request: Call): Outcome {
    try {
      return { value: this.#call(request) };
    } catch (error) {
      return { failure: readFailureOf(error, request) };
    }
  }

  /**
   * Writes the requests in one transaction, with one sync of the disk (group commit). When it returns, all are
   * durable (I1) except those it names as failed, which found something taken and changed nothing.
   * Whatever else goes wrong is thrown: the disk's state is unknown then, nothing may be written again.
   */
  write(requests: readonly WriteRequest[]): readonly PlacedOutcome[] {
    const outcomes: PlacedOutcome[] = [];
    this.#connection.exec('BEGIN IMMEDIATE');
    requests.forEach((request, place) => {
      try {
        const value = this.#apply(request);
        if (value !== undefined) outcomes.push({ place, outcome: { value } });
      } catch (error) {
        const failure = expectedFailureOf(error);
        if (failure === null) throw error;
        outcomes.push({ place, outcome: { failure } });
      }
    });
    this.#connection.exec('COMMIT');
    return outcomes;
  }

  close(): void {
    this.#close();
  }

  #apply(request: WriteRequest): unknown {
    if (typeof request === 'string') return this.#tables.log.append(request);
    // Appends look before they change anything; these may find out later that they must not.
    this.#connection.exec('SAVEPOINT request');
    try {
      const [first, ...others] = 'together' in request ? request.together : [request];
      const value = this.#call(first);
      if (value !== false) for (const other of others) this.#call(other);
      this.#connection.exec('RELEASE request');
      return value;
    } catch (error) {
      this.#connection.exec('ROLLBACK TO request');
      this.#connection.exec('RELEASE request');
      this.#tables.log.forgetKnown();
      if (isConstraint(error)) throw new RefusedWriteError(String(error), { cause: error });
      throw error;
    }
  }

  #call({ table, method, given }: Call): unknown {
    // `sqlite-store.ts` checked name and arguments when it was compiled.
    const methods = this.#tables[table] as unknown as Record<
      string,
      (...all: unknown[]) => unknown
    >;
    return methods[method]?.(...given);
  }
}

/** A write that broke a rule of the tables: it was undone, and says nothing of the disk. */
class RefusedWriteError extends Error {}

const isConstraint = (error: unknown): boolean =>
  String((error as { readonly code?: unknown }).code).startsWith('SQLITE_CONSTRAINT');

/** Of a request that found something taken; null for any other error. */
function expectedFailureOf(error: unknown): Failure | null {
  if (error instanceof DuplicateAccountError) {
    return { kind: error.code, message: error.message, field: error.field };
  }
  if (error instanceof RefusedWriteError) return { kind: 'unavailable', message: error.message };
  if (
    error instanceof DuplicateBatchError ||
    error instanceof DuplicateDocumentError ||
    error instanceof LastOwnerError ||
    error instanceof InvitationError
  ) {
    return { kind: error.code, message: error.message };
  }
  return null;
}

function readFailureOf(error: unknown, request: Call): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof CorruptionError) return { kind: 'corruption', message: reason };
  const code = (error as { readonly code?: unknown }).code;
  if (error instanceof DamagedRowError || code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB') {
    const [first] = request.given;
    const about = typeof first === 'string' ? ` of ${first}` : '';
    return {
      kind: 'corruption',
      message:
        `The database is damaged where ${request.method}${about} is kept (${reason}). ` +
        'Stop the server and restore the data directory from a backup.',
    };
  }
  return { kind: 'unavailable', message: `The database cannot be read: ${reason}` };
}
