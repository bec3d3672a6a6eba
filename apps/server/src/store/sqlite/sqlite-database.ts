/** The database of a worker: synchronous reads and writes, a group at a time. */
import { LastOwnerError } from '../ports/access-store.ts';
import {
  DuplicateAccountError,
  InvitationError,
  LastAdministratorError,
} from '../ports/account-store.ts';
import {
  CorruptionError,
  DuplicateBatchError,
  FencedError,
  DuplicateDocumentError,
  DuplicateRecordError,
  type StorageRoom,
  type StoreEvent,
} from '../ports/store.ts';
import { AccessTables } from './access-tables.ts';
import { AccountTables } from './account-tables.ts';
import { DocumentInvitationTables } from './document-invitation-tables.ts';
import { DiskSpace, type DiskSpaceOptions } from './disk-space.ts';
import { DocumentTables } from './document-tables.ts';
import { LibraryTables } from './library-tables.ts';
import { LogTables } from './log-tables.ts';
import { isDamage } from './derived-tables.ts';
import type { Call, Failure, Outcome, PlacedOutcome, Tables, WriteRequest } from './messages.ts';
import type { FileGuard } from './file-guard.ts';
import type { OpenedDatabase } from './open-database.ts';
import { DamagedRowError, Statements, type Connection } from './rows.ts';
import {
  FULL,
  isFull,
  needsRoom,
  reusableBytes,
  sizeOf,
  unlimitedSpace,
} from './room-for-writes.ts';
import { RetentionTables } from './retention-tables.ts';
import { SearchTables } from './search-tables.ts';
import { SessionTables } from './session-tables.ts';
import { SigningKeyTables } from './signing-key-tables.ts';
import { UsageTables } from './usage-tables.ts';

export class SqliteDatabase {
  readonly historyId: string;
  /** Damage and repairs found on opening. */
  readonly events: readonly StoreEvent[];
  readonly #guard: FileGuard | null;
  readonly #connection: Connection;
  readonly #close: () => void;
  readonly #tables: Tables;
  readonly #changed: (event: StoreEvent) => void;
  readonly #space: DiskSpace;

  /**
   * @param options `isOnlyWriter`: nothing changes but by this connection, so that heads may be remembered;
   *   `changed` is told of what happened to the tables by itself; `space` is how the room on its disk is known,
   *   unlimited when left out
   */
  constructor(
    { connection, historyId, close, guard, events }: OpenedDatabase,
    options: {
      readonly isOnlyWriter: boolean;
      readonly changed?: (event: StoreEvent) => void;
      readonly space?: Omit<DiskSpaceOptions, 'reusable'>;
    },
  ) {
    this.#changed = options.changed ?? (() => {});
    this.historyId = historyId;
    this.events = events ?? [];
    this.#guard = guard ?? null;
    this.#connection = connection;
    this.#close = close;
    const reusable = (): number => reusableBytes(connection);
    this.#space = new DiskSpace({ ...(options.space ?? unlimitedSpace), reusable });
    const sql = new Statements(connection);
    const log = new LogTables(connection, options);
    const library = new LibraryTables(sql, log);
    const access = new AccessTables(sql, log);
    const documents = new DocumentTables(sql, log, library);
    const sessions = new SessionTables(sql);
    this.#tables = {
      log,
      documents,
      access,
      documentInvitations: new DocumentInvitationTables(sql, log, access),
      library,
      search: new SearchTables(sql, log),
      accounts: new AccountTables(sql, documents),
      sessions,
      retention: new RetentionTables(sql),
      usage: new UsageTables(sql, log),
      signingKeys: new SigningKeyTables(sql, sessions),
    };
  }

  /** Answers the requests from one snapshot: a request of several statements sees one state of the tables. */
  read(requests: readonly Call[]): readonly Outcome[] {
    try {
      this.#connection.exec('BEGIN');
    } catch {
      // Reads each request alone, so that each fails with its own error.
      return requests.map((request) => this.#read(request));
    }
    const outcomes = requests.map((request) => this.#read(request));
    try {
      this.#connection.exec('COMMIT');
      return outcomes;
    } catch (error) {
      // A table that is too damaged to be opened keeps the transaction from ending in order.
      this.#rollBack();
      // What was read was read; what the search index was told is not kept.
      return requests.map((request, place) => {
        const answered = request.table === 'search' ? undefined : outcomes[place];
        return answered ?? { failure: readFailureOf(error, request) };
      });
    }
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
   * durable (I1) except those it lists as failed (duplicate key or no space), which changed nothing. Any other error is
   * thrown: the state of the disk is then unknown, and no further write may follow.
   */
  write(requests: readonly WriteRequest[]): readonly PlacedOutcome[] {
    if (!this.#space.check() || !requests.some(needsRoom)) return this.#writeIfRoom(requests);
    const places = requests.flatMap((request, place) => (needsRoom(request) ? [] : [place]));
    const outcomes = this.#writeIfRoom(requests.filter((request) => !needsRoom(request)));
    return [
      ...outcomes.map(({ place, outcome }) => ({ place: places[place] ?? -1, outcome })),
      ...requests.flatMap((request, place) =>
        needsRoom(request) ? [{ place, outcome: { failure: FULL } }] : [],
      ),
    ];
  }

  /** State of the disk space, checked again when it is due. */
  room(): StorageRoom {
    return { isPaused: this.#space.check(), freeBytes: this.#space.freeBytes };
  }

  #writeIfRoom(requests: readonly WriteRequest[]): readonly PlacedOutcome[] {
    for (const request of requests) this.#space.written(sizeOf(request));
    try {
      return this.#writeUnlessDamaged(requests);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#undo();
      this.#space.foundFull();
      return requests.map((_, place) => ({ place, outcome: { failure: FULL } }));
    }
  }

  #writeUnlessDamaged(requests: readonly WriteRequest[]): readonly PlacedOutcome[] {
    try {
      return this.#writeGroup(requests);
    } catch (error) {
      if (!isDamage(error)) throw error;
      // The group was rolled back because one of its requests met damage; the others may succeed alone.
      this.#undo();
      return requests.flatMap((request, place) => this.#writeAlone(request, place));
    }
  }

  /** In a transaction of its own, so that damage fails this request only. */
  #writeAlone(request: WriteRequest, place: number): readonly PlacedOutcome[] {
    try {
      return this.#writeGroup([request]).map(({ outcome }) => ({ place, outcome }));
    } catch (error) {
      // Others of the group are written by now, so that a full disk fails this request only.
      if (isFull(error)) {
        this.#undo();
        this.#space.foundFull();
        return [{ place, outcome: { failure: FULL } }];
      }
      if (!isDamage(error)) throw error;
      this.#undo();
      return [{ place, outcome: { failure: damageOf(error, methodOf(request)) } }];
    }
  }

  #undo(): void {
    this.#rollBack();
    this.#tables.log.forget();
  }

  /** Rolls back, unless SQLite has ended the transaction itself on damage. */
  #rollBack(): void {
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
  }

  #writeGroup(requests: readonly WriteRequest[]): readonly PlacedOutcome[] {
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

  /** Why writes may not be acknowledged any more although they were written; null normally. */
  whyStopped(): string | null {
    return this.#guard?.whyStopped(this.#connection) ?? null;
  }

  /** Called after a group was written and answered. */
  committed(): void {
    this.#guard?.committed(this.#connection);
  }

  /** Periodic check: returns why writes may not be acknowledged any more, or null. */
  upkeep(): string | null {
    if (this.#guard === null) return null;
    const stopped = this.#guard.whyStopped(this.#connection);
    if (stopped !== null) return stopped;
    for (const event of this.#guard.checkPiece(this.#connection)) this.#changed(event);
    return null;
  }

  close(): void {
    this.#close();
  }

  #apply(request: WriteRequest): unknown {
    if (typeof request === 'string') return this.#append(request);
    // Appends look before they change anything; these may find out later that they must not.
    this.#connection.exec('SAVEPOINT request');
    try {
      const [first, ...others] = 'together' in request ? request.together : [request];
      const value = this.#call(first);
      if (value !== false) for (const other of others) this.#call(other);
      this.#connection.exec('RELEASE request');
      return value;
    } catch (error) {
      // With SQLITE_FULL, SQLite has undone the whole transaction by itself.
      if (!this.#connection.inTransaction) throw error;
      this.#connection.exec('ROLLBACK TO request');
      this.#connection.exec('RELEASE request');
      this.#tables.log.forgetKnown();
      if (isTaken(error)) throw new DuplicateRecordError(undefined, { cause: error });
      if (isConstraint(error)) throw new RefusedWriteError(String(error), { cause: error });
      throw error;
    }
  }

  #append(json: string): void {
    try {
      this.#tables.log.append(json);
    } catch (error) {
      // The head said that the version is free: the index by which it is found is damaged (I3).
      if (isConstraint(error)) throw new DamagedRowError(String(error), { cause: error });
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

function methodOf(request: WriteRequest): string {
  if (typeof request === 'string') return 'append';
  return 'together' in request ? request.together[0].method : request.method;
}

/** A write violated a constraint and was rolled back; the disk is not at fault. */
class RefusedWriteError extends Error {}

const isConstraint = (error: unknown): boolean =>
  String((error as { readonly code?: unknown }).code).startsWith('SQLITE_CONSTRAINT');

/** Whether a unique key is taken. */
const isTaken = (error: unknown): boolean =>
  ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'].includes(
    String((error as { readonly code?: unknown }).code),
  );

/** The failure for a duplicate key; null for any other error. */
function expectedFailureOf(error: unknown): Failure | null {
  if (error instanceof DuplicateAccountError) {
    return { kind: error.code, message: error.message, field: error.field };
  }
  if (error instanceof DuplicateRecordError) {
    return { kind: 'duplicateRecord', message: error.message };
  }
  if (error instanceof RefusedWriteError) return { kind: 'unavailable', message: error.message };
  if (
    error instanceof DuplicateBatchError ||
    error instanceof FencedError ||
    error instanceof DuplicateDocumentError ||
    error instanceof LastOwnerError ||
    error instanceof LastAdministratorError ||
    error instanceof InvitationError
  ) {
    return { kind: error.code, message: error.message };
  }
  return null;
}

function damageOf(error: unknown, what: string): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  const message =
    `The database is damaged where ${what} is kept (${reason}). ` +
    'Stop the server and restore the data directory from a backup.';
  return { kind: 'corruption', message };
}

function readFailureOf(error: unknown, request: Call): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof CorruptionError) return { kind: 'corruption', message: reason };
  if (isDamage(error)) {
    const [first] = request.given;
    return damageOf(error, request.method + (typeof first === 'string' ? ` of ${first}` : ''));
  }
  return { kind: 'unavailable', message: `The database cannot be read: ${reason}` };
}
