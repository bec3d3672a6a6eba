/** Typed access to rows. */
import type Database from 'libsql';

export type Connection = Database.Database;

/** A prepared statement; parameters always go in one array (libsql takes a lone Buffer for names). */
export interface Statement {
  run(parameters: readonly SqlValue[]): { readonly changes: number };
  get(parameters: readonly SqlValue[]): Row | undefined;
  all(parameters: readonly SqlValue[]): readonly Row[];
}
export type SqlValue = string | number | Uint8Array | null;
export type Row = Readonly<Record<string, unknown>>;

export function prepare(connection: Connection, sql: string): Statement {
  return connection.prepare(sql) as unknown as Statement;
}

/**
 * Statements prepared when they are first asked for and kept by their text: for everything off the hot path,
 * where the text is best read in place.
 */
export class Statements {
  readonly #connection: Connection;
  readonly #prepared = new Map<string, Statement>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Returns how many rows changed. */
  run(sql: string, ...parameters: SqlValue[]): number {
    return this.#statement(sql).run(parameters).changes;
  }

  row(sql: string, ...parameters: SqlValue[]): Row | null {
    return this.#statement(sql).get(parameters) ?? null;
  }

  rows(sql: string, ...parameters: SqlValue[]): readonly Row[] {
    return this.#statement(sql).all(parameters);
  }

  #statement(sql: string): Statement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const prepared = prepare(this.#connection, sql);
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/** Column list that selects texts as bytes (see `textIn`): `a, t:b` gives `a, CAST(b AS BLOB) AS b`. */
export function columns(list: string): string {
  return list.replaceAll(/t:((?:\w+\.)?(\w+))/g, 'CAST($1 AS BLOB) AS $2');
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

export function integerOrNullIn(row: Row, column: string): number | null {
  return row[column] === null ? null : integerIn(row, column);
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

export function textOrNullIn(row: Row, column: string): string | null {
  return row[column] === null ? null : textIn(row, column);
}

/** One of a closed set of words. */
export function wordIn<W extends string>(row: Row, column: string, words: readonly W[]): W {
  const text = textIn(row, column);
  const word = words.find((each) => each === text);
  if (word === undefined)
    throw new DamagedRowError(`Column ${column} does not hold one of its words.`);
  return word;
}
