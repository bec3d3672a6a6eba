/** Opens or creates the database file of a data directory. */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'libsql';
import type { StoreEvent } from '../ports/store.ts';
import { resetDerivedTables } from './derived-tables.ts';
import { lockDirectory } from './directory-lock.ts';
import { FileGuard } from './file-guard.ts';
import { defaultReserve, diskSizeOf } from './disk-space.ts';
import { schemaSteps } from './schema.ts';
import { StoreOpenError } from './store-open-error.ts';
import { integerIn, prepare, textIn, type Connection } from './rows.ts';

export const DATABASE_FILE = 'concord.sqlite';
/** Within the data directory: a database that a restore, or a migration, is making. */
export const RESTORING_DIRECTORY = 'restoring';
export const MIGRATING_DIRECTORY = 'migrating';
/** Preallocated length of the write-ahead log: 4,000 pages of 4 KB with frame headers, and a margin. */
const LOG_BYTES = 20 * 1024 * 1024;
/**
 * How long a connection waits for a lock of another one. The server's own connections wait for each other only while
 * the log is recovered after a crash; a program of the administrator, such as `sqlite3`, may hold a lock too.
 */
const BUSY_MS = 60_000;
/** Page cache of a reader, for the recent tails and checkpoints that are read repeatedly. */
const READING_CACHE_KB = 16 * 1024;
/** "Cncd": identifies a Concord database (PRAGMA application_id). */
export const APPLICATION_ID = 0x436e6364;
export interface OpenedDatabase {
  readonly connection: Connection;
  readonly historyId: string;
  /** Set for the connection that writes to files. */
  readonly guard?: FileGuard;
  /** Damage and repairs found on opening. */
  readonly events?: readonly StoreEvent[];
  /** Closes the connection and releases the lock of the directory. */
  readonly close: () => void;
}

/**
 * Opens the connection that writes. Throws {@link StoreOpenError}. The directory stays locked for every other
 * server until `close`.
 * @param logBytes preallocated length of the write-ahead log; see fillLog
 * @param reserveBytes disk space that this leaves free; see DiskSpaceOptions in disk-space.ts
 * @param checksAll checks all pages, however long it takes
 */
export function openDatabase(
  dataDirectory: string,
  logBytes = LOG_BYTES,
  reserveBytes: number | null = null,
  checksAll = false,
): OpenedDatabase {
  const directory = resolve(dataDirectory);
  try {
    createDirectory(directory);
    const unlock = lockDirectory(directory);
    try {
      requireComplete(directory);
      const path = join(directory, DATABASE_FILE);
      const guard = FileGuard.before(directory, path, checksAll);
      if (typeof guard === 'string') throw unusable(directory, guard);
      const connection = new Database(path);
      try {
        // Only the guard checkpoints the log, so that a page in the database never lacks its checksum.
        connection.pragma('wal_autocheckpoint = 0');
        const prepared = prepareDatabase(connection, directory, logBytes, reserveBytes, guard);
        const close = (): void => {
          guard.copyLog(connection, 'TRUNCATE');
          connection.close();
          guard.close();
          unlock();
        };
        return { connection, ...prepared, guard, close };
      } catch (error) {
        connection.close();
        throw error;
      }
    } catch (error) {
      unlock();
      throw error;
    }
  } catch (error) {
    throw openErrorOf(error, directory);
  }
}

/**
 * Opens a read-only connection beside the writing one: in WAL mode readers and the writer do not wait for each other,
 * and each transaction reads one snapshot of what was committed before it began.
 * Throws {@link StoreOpenError}.
 */
export function openReadingDatabase(dataDirectory: string): OpenedDatabase {
  const directory = resolve(dataDirectory);
  try {
    const connection = new Database(join(directory, DATABASE_FILE), { timeout: BUSY_MS });
    try {
      connection.pragma('query_only = ON');
      connection.pragma(`cache_size = -${READING_CACHE_KB}`);
      connection.pragma('temp_store = MEMORY');
      const historyId = historyIdOf(connection, directory);
      return { connection, historyId, close: () => connection.close() };
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    throw openErrorOf(error, directory);
  }
}

/** An in-memory database, which needs no lock. */
export function openMemoryDatabase(): OpenedDatabase {
  const connection = new Database(':memory:');
  createOrCheckSchema(connection, ':memory:');
  resetDerivedTables(connection);
  const historyId = historyIdOf(connection, ':memory:');
  return { connection, historyId, close: () => connection.close() };
}

/** Not `recursive`: with it, Node 20 loops endlessly where the file system answers ENOENT, as /proc does. */
function createDirectory(directory: string): void {
  try {
    if (statSync(directory).isDirectory()) return;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ENOENT') throw error;
    if (dirname(directory) !== directory) createDirectory(dirname(directory));
  }
  // Documents are private: readable only by the user that runs the server.
  mkdirSync(directory, { mode: 0o700 });
  // I1: the entry of the new directory has to survive a power loss too.
  const parent = openSync(dirname(directory), 'r');
  fsyncSync(parent);
  closeSync(parent);
}

function prepareDatabase(
  connection: Connection,
  directory: string,
  logBytes: number,
  reserveBytes: number | null,
  guard: FileGuard,
): { readonly historyId: string; readonly events: readonly StoreEvent[] } {
  connection.exec('BEGIN IMMEDIATE');
  createOrCheckSchema(connection, directory);
  connection.exec('COMMIT');
  connection.pragma('journal_mode = WAL');
  // A commit returns when it is on the disk (I1).
  connection.pragma('synchronous = FULL');
  // After an unusually large group the write-ahead log shrinks again.
  connection.pragma(`journal_size_limit = ${4 * LOG_BYTES}`);
  // 32 MB of pages in memory, and nothing temporary on the disk.
  connection.pragma('cache_size = -32768');
  connection.pragma('temp_store = MEMORY');
  for (const [pragma, expected] of [
    ['journal_mode', 'wal'],
    ['synchronous', 2],
  ] as const) {
    const value = Object.values(prepare(connection, `PRAGMA ${pragma}`).get([]) ?? {})[0];
    if (value !== expected) {
      throw unusable(directory, `its file system does not allow ${pragma} = ${expected}`);
    }
  }
  connection.pragma(`busy_timeout = ${BUSY_MS}`);
  const events = guard.recover(connection);
  resetDerivedTables(connection);
  const historyId = historyIdOf(connection, directory);
  guard.beginAnew(connection);
  fillLog(`${join(directory, DATABASE_FILE)}-wal`, logBytes, roomFor(directory, reserveBytes));
  guard.begin();
  return { historyId, events };
}

function historyIdOf(connection: Connection, directory: string): string {
  const row = prepare(connection, 'SELECT CAST(history_id AS BLOB) AS id FROM store').get([]);
  if (row === undefined) throw unusable(directory, `${DATABASE_FILE} is incomplete`);
  return textIn(row, 'id');
}

/**
 * Preallocates the write-ahead log to the length it reaches between two checkpoints. While a file grows, each fsync
 * also writes the file system's journal: with preallocation commits over 1 ms fell from 12 % to 0.5 % (measured).
 * Zeros behind the last frame end the log: a frame counts only with the header's salts and a valid checksum
 * (SQLite, "WAL File Format", section 4.4).
 */
function fillLog(path: string, bytes: number, room: number): void {
  const file = openSync(path, 'r+');
  try {
    const zeros = Buffer.alloc(1024 * 1024);
    const start = fstatSync(file).size;
    const until = Math.min(bytes, start + room);
    for (let end = start; end < until; end += zeros.length) {
      writeSync(file, zeros, 0, Math.min(zeros.length, until - end), end);
    }
    fsyncSync(file);
  } catch {
    // Disk full. Not an error yet: commits fail by themselves when they find no space.
  } finally {
    closeSync(file);
  }
}

/** Bytes that may be allocated without touching the reserve. */
function roomFor(directory: string, reserveBytes: number | null): number {
  try {
    const size = diskSizeOf(directory);
    return Math.max(0, size.free - (reserveBytes ?? defaultReserve(size)));
  } catch {
    return Infinity;
  }
}

function createOrCheckSchema(connection: Connection, directory: string): void {
  const numberOf = (sql: string, column: string): number =>
    integerIn(prepare(connection, sql).get([]) ?? {}, column);
  const application = numberOf('PRAGMA application_id', 'application_id');
  const version = numberOf('PRAGMA user_version', 'user_version');
  const tables = numberOf('SELECT count(*) AS tables FROM sqlite_schema', 'tables');
  const isNew = application === 0 && version === 0 && tables === 0;
  if (!isNew && application !== APPLICATION_ID) {
    throw unusable(directory, `its ${DATABASE_FILE} is not a Concord database`);
  }
  if (version > schemaSteps.length) {
    throw unusable(directory, `its ${DATABASE_FILE} was written by a newer version of Concord`);
  }
  if (version === schemaSteps.length) return;
  for (const step of schemaSteps.slice(version)) connection.exec(step);
  connection.exec(`PRAGMA user_version = ${schemaSteps.length}`);
  if (!isNew) return;
  prepare(connection, 'INSERT INTO store (history_id) VALUES (?)').run([randomUUID()]);
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
}

/** What an interrupted copy left must not be taken for an empty directory. */
function requireComplete(directory: string): void {
  for (const [name, command] of [
    [RESTORING_DIRECTORY, 'restore'],
    [MIGRATING_DIRECTORY, 'migrate'],
  ] as const) {
    if (!existsSync(join(directory, name))) continue;
    throw unusable(
      directory,
      `an interrupted concord ${command} left it incomplete; run that again, or delete ${join(directory, name)} to give it up`,
    );
  }
}

function unusable(directory: string, why: string, options?: ErrorOptions): StoreOpenError {
  const message = `The data directory ${directory} cannot be used: ${why}.`;
  return new StoreOpenError('dataDirectoryUnusable', message, options);
}

/** Error codes are those of SQLite from libsql, and those of Node from the file system. */
function openErrorOf(error: unknown, directory: string): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  const code = (error as { readonly code?: unknown }).code;
  const options = { cause: error };
  switch (code) {
    case 'SQLITE_BUSY':
      return new StoreOpenError(
        'dataDirectoryInUse',
        `The data directory ${directory} is in use by another running Concord server.`,
        options,
      );
    case 'SQLITE_FULL':
    case 'ENOSPC':
      return unusable(directory, 'its disk is full; free some space, then start again', options);
    case 'SQLITE_NOTADB':
      return unusable(directory, `its ${DATABASE_FILE} is not a Concord database`, options);
    case 'SQLITE_CORRUPT':
      return unusable(
        directory,
        `its ${DATABASE_FILE} is damaged; restore the newest backup with concord restore`,
        options,
      );
    case 'EEXIST':
    case 'ENOTDIR':
      return unusable(directory, 'there is a file where the directory should be', options);
    default: {
      const why = error instanceof Error ? error.message : String(error);
      return unusable(directory, `it cannot be created or written to (${why})`, options);
    }
  }
}
