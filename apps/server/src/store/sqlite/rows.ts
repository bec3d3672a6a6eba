/** Typed access to rows. */
import type Database from 'libsql';

export type Connection = Database.Database;

/** A prepared statement; parameters always go in one array (libsql takes a lone Buffer for names). */
export interface Statement {
  run(parameters: readonly SqlValue[]): { readonly changes: number };
  get(parameters: readonly SqlValue[]): Row | undefined;
  all(parameters: readonly SqlValue[]): readonly Row[];
}
export type SqlValue = string | number | Uint8Array;
export type Row = Readonly<Record<string, unknown>>;

export function prepare(connection: Connection, sql: string): Statement {
  return connection.prepare(sql) as unknown as Statement;
}

/** What a row holds is not of the type that was written: the file is damaged. */
export class DamagedRowError extends Error {
  readonly code = 'damagedRow';
}

export function integerIn(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new DamagedRowError(`Column ${column} does not hold an integer.`);
  }
  return value;
}

/** The bytes are the caller's own. libsql gives a Buffer for a single row, an ArrayBuffer among several. */
export function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new DamagedRowError(`Column ${column} does not hold bytes.`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes a text that the query selected as `CAST(column AS BLOB)`. Never select a text itself: libsql aborts
 * the whole process when a damaged file holds bytes there that are not UTF-8.
 */
export function textIn(row: Row, column: string): string {
  try {
    return utf8.decode(bytesIn(row, column));
  } catch (error) {
    throw new DamagedRowError(`Column ${column} does not hold a text.`, { cause: error });
  }
}
