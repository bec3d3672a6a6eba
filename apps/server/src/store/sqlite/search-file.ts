/**
 * The search index is a file of its own beside the database: all of it is derived from the log, so that it is made
 * anew whenever it cannot be used, whatever the reason, and its writes neither wait for commits nor hold them up.
 *
 * The connection opened here is the file's only one. It reads the database, attached, beside the one that writes.
 */
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'libsql';
import { DATABASE_FILE, type OpenedDatabase } from './open-database.ts';
import { prepare, textIn, type Connection } from './rows.ts';

export const SEARCH_FILE = 'search.sqlite';
/** Incremented with each change of the tables or of the tokens (search-words.ts): an older index is rebuilt. */
const FORMAT = 2;
/** As for every reader of the database (open-database.ts). */
const BUSY_MS = 60_000;
const CACHE_KB = 16 * 1024;

/**
 * A text is indexed under a number of its own, and takes the place of the one before when it is whole.
 * `place` is that of a piece: number of the text × 65,536 + number of the piece.
 */
const tables = (schema: string): string => `
  CREATE TABLE ${schema}.search_store (format INTEGER NOT NULL, history_id TEXT NOT NULL) STRICT;
  CREATE TABLE ${schema}.search_texts (
    text INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL,
    version INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE ${schema}.search_documents (
    document INTEGER PRIMARY KEY,
    text INTEGER NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    words INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE ${schema}.search_pieces (
    place INTEGER PRIMARY KEY,
    content TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE ${schema}.search_words (
    text INTEGER NOT NULL,
    word TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_piece INTEGER NOT NULL,
    PRIMARY KEY (text, word)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Opens the index of a data directory; recreates it when it is missing or unusable.
 * @param isDamaged it could not be read: it is recreated in any case
 */
export function openSearchFile(dataDirectory: string, isDamaged = false): OpenedDatabase {
  const directory = resolve(dataDirectory);
  const path = join(directory, SEARCH_FILE);
  if (!isDamaged) {
    try {
      const opened = open(path, directory);
      if (opened !== null) return opened;
    } catch {
      // Whatever the error: the index is derived, and is recreated.
    }
  }
  removeSearchFile(path);
  const opened = open(path, directory);
  if (opened === null) throw new Error('A new search index was not kept.');
  return opened;
}

/** With what SQLite keeps beside it. */
export function removeSearchFile(path: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(path + ending, { force: true });
}

/** Null for an index of another database or format. */
function open(path: string, directory: string): OpenedDatabase | null {
  // It contains all texts: readable by its owner only. SQLite gives its other files the same mode.
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
  const connection = new Database(path, { timeout: BUSY_MS });
  try {
    connection.pragma('journal_mode = WAL');
    // A power loss may lose the newest texts, which are then indexed again.
    connection.pragma('synchronous = NORMAL');
    connection.pragma(`cache_size = -${CACHE_KB}`);
    connection.pragma('temp_store = MEMORY');
    prepare(connection, 'ATTACH ? AS log').run([join(directory, DATABASE_FILE)]);
    const historyId = historyIdOf(connection);
    if (createOrCheck(connection, 'main', historyId)) {
      return { connection, historyId, close: () => connection.close() };
    }
  } catch (error) {
    connection.close();
    throw error;
  }
  connection.close();
  return null;
}

/** For a database in memory: its index is attached to it. */
export function attachSearchTables(connection: Connection, historyId: string): void {
  connection.exec(`ATTACH ':memory:' AS derived`);
  createOrCheck(connection, 'derived', historyId);
}

function historyIdOf(connection: Connection): string {
  const row = prepare(connection, 'SELECT CAST(history_id AS BLOB) AS id FROM log.store').get([]);
  return textIn(row ?? {}, 'id');
}

/** Whether the index can be used. */
function createOrCheck(connection: Connection, schema: string, historyId: string): boolean {
  const existing = prepare(connection, `SELECT 1 FROM ${schema}.sqlite_schema LIMIT 1`).get([]);
  if (existing === undefined) {
    connection.exec(`BEGIN; ${tables(schema)}`);
    prepare(connection, `INSERT INTO ${schema}.search_store VALUES (?, ?)`).run([FORMAT, historyId]); // prettier-ignore
    connection.exec('COMMIT');
    return true;
  }
  const same = prepare(
    connection,
    `SELECT 1 FROM ${schema}.search_store WHERE format = ? AND history_id = ?`,
  ).get([FORMAT, historyId]);
  return same !== undefined;
}
