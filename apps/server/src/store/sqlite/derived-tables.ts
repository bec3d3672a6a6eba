/**
 * Tables that hold nothing of their own: what is damaged in them is thrown away and made again from the texts, in the
 * background, instead of ending the server.
 */
import {
  columns,
  DamagedRowError,
  prepare,
  textIn,
  textOrNullIn,
  type Connection,
} from './rows.ts';

/** Each can be emptied at any time; what fills them (search/indexing.ts) goes by what is missing. */
export const derivedTables: readonly string[] = ['search', 'indexed_texts'];

/** Whether a table of the file belongs to a derived one: itself, or where FTS5 keeps it. */
export function isDerived(table: string): boolean {
  return derivedTables.some((name) => table === name || table.startsWith(`${name}_`));
}

/** SQLite met a page that is not one of its own, or a row does not hold what was written. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedRowError) return true;
  const { code } = error as { readonly code?: unknown };
  return (
    typeof code === 'string' && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
  );
}

/** Empties the derived tables, whatever state they are in. Outside of a transaction. */
export function resetDerivedTables(connection: Connection): void {
  const schema = prepare(
    connection,
    columns(
      `SELECT t:name, t:sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql <> ''`,
    ),
  )
    .all([])
    .map((row) => ({ name: textIn(row, 'name'), sql: textOrNullIn(row, 'sql') ?? '' }));
  const made = derivedTables.map((name) => schema.find((each) => each.name === name)?.sql ?? '');
  connection.exec('BEGIN IMMEDIATE');
  try {
    for (const name of derivedTables) connection.exec(`DROP TABLE IF EXISTS ${name}`);
    for (const sql of made) connection.exec(sql);
    connection.exec('COMMIT');
    return;
  } catch {
    // FTS5 has words of its own for damage, such as an unknown format of its index.
    if (connection.inTransaction) connection.exec('ROLLBACK');
  }
  // Too damaged to be walked through: forgotten instead. Their pages stay unused until a backup is restored.
  connection.pragma('writable_schema = ON');
  try {
    connection.exec('BEGIN IMMEDIATE');
    for (const { name } of schema.filter((each) => isDerived(each.name))) {
      prepare(connection, 'DELETE FROM sqlite_schema WHERE tbl_name = ?').run([name]);
    }
    connection.exec('COMMIT');
  } finally {
    connection.pragma('writable_schema = RESET');
  }
  for (const sql of made) connection.exec(sql);
}

/** What is wrong with the derived tables, in SQLite's words; null for nothing. Reads all of them. */
export function faultOfDerivedTables(connection: Connection): string | null {
  try {
    // FTS5 compares its index with the texts it keeps, and with those it was made from.
    connection.exec(`INSERT INTO search (search, rank) VALUES ('integrity-check', 1)`);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
