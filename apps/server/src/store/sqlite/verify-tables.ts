/** Checks of `concord verify` across all tables, in addition to those of each document. */
import { isDerived } from './derived-tables.ts';
import { openReadingDatabase } from './open-database.ts';
import { columns, integerIn, prepare, textIn, type Connection } from './rows.ts';

/** Bound of sentences reported per check: a damaged B-tree causes many alike. */
const FAULTS = 20;
/** Bound of sentences requested from SQLite, before those about unused pages are filtered out. */
const SENTENCES = 1_000;

/** All faults, one sentence each. This process holds the lock of the directory. */
export function tableFaults(dataDirectory: string): readonly string[] {
  const { connection, close } = openReadingDatabase(dataDirectory);
  try {
    return [
      ...damageOf(() => integrityFaults(connection)),
      ...damageOf(() => foreignKeyFaults(connection)),
      ...damageOf(() => strayRows(connection)),
    ];
  } finally {
    close();
  }
}

/** A check that fails on damage reports that error as its result. */
function damageOf(check: () => readonly string[]): readonly string[] {
  try {
    return check();
  } catch (error) {
    return [`SQLite: ${error instanceof Error ? error.message : String(error)}.`];
  }
}

function integrityFaults(connection: Connection): readonly string[] {
  // Queried as a table-valued function, so that its texts can be selected as bytes.
  const sql = columns(`SELECT t:integrity_check FROM pragma_integrity_check(${SENTENCES})`);
  return (
    prepare(connection, sql)
      .all([])
      .map((row) => textIn(row, 'integrity_check'))
      // Unused pages remain when a damaged table was rebuilt on other pages.
      .filter((sentence) => sentence !== 'ok' && !/never used$/.test(sentence))
      .slice(0, FAULTS)
      .map((sentence) => `SQLite: ${sentence.replaceAll(/\s+/g, ' ')}.`)
  );
}

function foreignKeyFaults(connection: Connection): readonly string[] {
  const sql = 'SELECT CAST("table" AS BLOB) AS name FROM pragma_foreign_key_check';
  const rows = prepare(connection, sql).all([]);
  return rows.slice(0, FAULTS).map((row) => `A row of ${textIn(row, 'name')} refers to nothing.`);
}

/** Rows of documents that neither exist nor have a tombstone. */
function strayRows(connection: Connection): readonly string[] {
  const tables = prepare(
    connection,
    columns(
      `SELECT t:sqlite_schema.name FROM sqlite_schema, pragma_table_info(sqlite_schema.name) AS info
       WHERE sqlite_schema.type = 'table' AND info.name = 'document'`,
    ),
  )
    .all([])
    .map((row) => textIn(row, 'name'))
    .filter((name) => !isDerived(name) && !KEYS.includes(name));
  return tables.flatMap((table) => {
    const row = prepare(
      connection,
      `SELECT count(*) AS rows FROM "${table}" WHERE document NOT IN (SELECT document FROM documents)`,
    ).get([]);
    const rows = integerIn(row ?? {}, 'rows');
    return rows === 0 ? [] : [`${rows} rows of ${table} are of documents that do not exist.`];
  });
}

/** Tables whose rows may outlive their document. */
const KEYS = ['document_keys', 'removed_documents', 'documents'];
