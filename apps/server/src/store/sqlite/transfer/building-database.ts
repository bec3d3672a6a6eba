/**
 * A database file that is being filled by a transfer, in a directory of its own within the data directory. Only when it
 * is complete is it moved to its place; a server refuses to start beside one that is not (open-database.ts).
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import Database from 'libsql';
import type { RecordOf, SectionName, TransferSource } from '../../ports/transfer-store.ts';
import { companionsOf } from '../files/data-files.ts';
import { syncDirectory } from '../files/small-files.ts';
import { APPLICATION_ID, DATABASE_FILE } from '../open-database.ts';
import { columns, prepare, textIn, type Connection } from '../rows.ts';
import { schemaSteps } from '../schema.ts';
import { sqliteSource } from './sqlite-source.ts';
import { SqliteTarget } from './sqlite-target.ts';

/** Of a transfer that can go on after it was interrupted. It is dropped when the transfer is complete. */
const progressTable = `CREATE TABLE transfer_progress (
  only INTEGER PRIMARY KEY CHECK (only = 1), origin TEXT NOT NULL, place TEXT NOT NULL
) STRICT`;

export class BuildingDatabase {
  readonly #connection: Connection;
  readonly #target: SqliteTarget;

  /** Opens the database of the directory, or makes it. */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, DATABASE_FILE);
    const { sums, mark } = companionsOf(path);
    // Of a former attempt that was checked. They are made again when the database is opened for the check.
    for (const companion of [sums, mark]) rmSync(companion, { force: true });
    const connection = new Database(path);
    try {
      connection.pragma('journal_mode = WAL');
      // What a loss of power takes is the end of the copy, which then goes on before it.
      connection.pragma('synchronous = NORMAL');
      if (!hasTable(connection, 'store')) create(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    this.#connection = connection;
    this.#target = new SqliteTarget(connection);
  }

  /** Null when it is complete. */
  get progress(): { readonly origin: string; readonly place: string } | null {
    if (!hasTable(this.#connection, 'transfer_progress')) return null;
    const row = prepare(
      this.#connection,
      columns('SELECT t:origin, t:place FROM transfer_progress'),
    ).get([]);
    if (row === undefined) return { origin: '', place: '' };
    return { origin: textIn(row, 'origin'), place: textIn(row, 'place') };
  }

  write<S extends SectionName>(section: S, records: readonly RecordOf<S>[]): void {
    this.#atomically(() => this.#target.write(section, records));
  }

  /** Durable after what was written before, in the same log. */
  reached(origin: string, place: string): void {
    const sql = 'INSERT OR REPLACE INTO transfer_progress (only, origin, place) VALUES (1, ?, ?)';
    this.#atomically(() => prepare(this.#connection, sql).run([origin, place]));
  }

  source(): TransferSource {
    return sqliteSource(this.#connection, '');
  }

  /** Everything is there: the history gets its id, and there is no progress any more. */
  complete(historyId: string): void {
    this.#atomically(() => {
      prepare(this.#connection, 'UPDATE store SET history_id = ?').run([historyId]);
      this.#connection.exec('DROP TABLE transfer_progress');
    });
  }

  close(): void {
    // The files beside it are made anew when it is opened.
    if (this.progress === null) this.#connection.exec('UPDATE store SET has_page_sums = 0');
    this.#connection.pragma('wal_checkpoint(TRUNCATE)');
    this.#connection.close();
  }

  #atomically(write: () => void): void {
    this.#connection.exec('BEGIN IMMEDIATE');
    try {
      write();
      this.#connection.exec('COMMIT');
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
      throw error;
    }
  }
}

function create(connection: Connection): void {
  connection.exec('BEGIN IMMEDIATE');
  for (const step of schemaSteps) connection.exec(step);
  connection.exec('DROP TABLE IF EXISTS search');
  connection.exec('DROP TABLE IF EXISTS indexed_texts');
  connection.exec(progressTable);
  prepare(connection, 'INSERT INTO store (history_id) VALUES (?)').run([randomUUID()]);
  connection.exec(`PRAGMA user_version = ${schemaSteps.length}`);
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  connection.exec('COMMIT');
}

function hasTable(connection: Connection, name: string): boolean {
  const sql = `SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = ?`;
  return prepare(connection, sql).get([name]) !== undefined;
}

/** Names of database files in the directory; none when it may be filled. */
export function databaseFilesIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).filter((name) => name.startsWith(DATABASE_FILE));
}

/**
 * Moves a complete database to its place. The database last: without it, what lies there is refused rather than taken
 * for a new directory.
 */
export function putInPlace(building: string, dataDirectory: string): void {
  const database = join(building, DATABASE_FILE);
  const { sums, mark } = companionsOf(database);
  for (const path of [sums, mark, database].filter((each) => existsSync(each))) {
    renameSync(path, join(dataDirectory, basename(path)));
  }
  syncDirectory(dataDirectory);
  rmSync(building, { recursive: true, force: true });
}
