/**
 * Derived tables of former versions: the search index, which has a file of its own now (search-file.ts). They are
 * dropped even if they are damaged.
 */
import { columns, DamagedRowError, prepare, textIn, type Connection } from './rows.ts';

export const derivedTables: readonly string[] = ['search', 'indexed_texts'];

/** Whether a table of the file belongs to a derived one: itself, or where FTS5 keeps it. */
export function isDerived(table: string): boolean {
  return derivedTables.some((name) => table === name || table.startsWith(`${name}_`));
}

/** Whether SQLite found a malformed page, or a row does not have the values that were written. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedRowError) return true;
  const { code } = error as { readonly code?: unknown };
  return (
    typeof code === 'string' && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
  );
}

/** Drops the derived tables. Outside of a transaction. */
export function resetDerivedTables(connection: Connection): void {
  const schema = prepare(
    connection,
    columns(`SELECT t:name FROM sqlite_schema WHERE type IN ('table', 'index')`),
  )
    .all([])
    .map((row) => textIn(row, 'name'))
    .filter(isDerived);
  if (schema.length === 0) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    for (const name of derivedTables) connection.exec(`DROP TABLE IF EXISTS ${name}`);
    connection.exec('COMMIT');
    return;
  } catch {
    // FTS5 has errors of its own for damage, such as an unknown format of its index.
    if (connection.inTransaction) connection.exec('ROLLBACK');
  }
  // Too damaged to drop: removed from the schema instead. Their pages stay unused until a backup is restored.
  connection.pragma('writable_schema = ON');
  try {
    connection.exec('BEGIN IMMEDIATE');
    for (const name of schema) {
      prepare(connection, 'DELETE FROM sqlite_schema WHERE tbl_name = ?').run([name]);
    }
    connection.exec('COMMIT');
  } finally {
    connection.pragma('writable_schema = RESET');
  }
}
