/** Fills a new database with the rows of a backup. */
import Database from 'libsql';
import { APPLICATION_ID } from './open-database.ts';
import { renewHistory } from './recovery.ts';
import { Statements, type SqlValue } from './rows.ts';
import { PAGE_SUMS_VERSION, schemaSteps } from './schema.ts';
import { StoreOpenError } from './store-open-error.ts';

export interface Creation {
  /** A row of a table as it was at that version. */
  insert(table: string, columns: readonly string[], values: readonly SqlValue[]): void;
  /** Commits all rows in one transaction, and gives the history a new unique id. */
  finish(): void;
  /** Without `finish` the rows are rolled back, which leaves an empty file. */
  close(): void;
}

/** A new database file with the tables of a version, to be filled with the rows of a backup. */
export function createFromRows(path: string, version: number): Creation {
  if (version > schemaSteps.length) {
    throw new StoreOpenError(
      'dataDirectoryUnusable',
      'The backup was made by a newer version of Concord: restore it with that.',
    );
  }
  const connection = new Database(path);
  connection.pragma('foreign_keys = OFF');
  connection.exec('BEGIN IMMEDIATE');
  for (const step of schemaSteps.slice(0, version)) connection.exec(step);
  const sql = new Statements(connection);
  return {
    insert: (table, all, values) => {
      const names = all.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
      const places = all.map(() => '?').join(', ');
      sql.run(
        `INSERT INTO "${table.replaceAll('"', '""')}" (${names}) VALUES (${places})`,
        ...values,
      );
    },
    finish: () => {
      renewHistory(connection);
      // The files beside the database are not in a backup.
      if (version >= PAGE_SUMS_VERSION) connection.exec('UPDATE store SET has_page_sums = 0');
      connection.exec(`PRAGMA user_version = ${version}`);
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      connection.exec('COMMIT');
    },
    close: () => connection.close(),
  };
}
