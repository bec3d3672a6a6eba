/** Which table or index each damaged page belongs to. */
import { columns, integerIn, prepare, textIn, type Connection } from './rows.ts';

export interface PageOwners {
  /** Tables whose rows are on the pages, by name; indexes and unused pages are not among them. */
  readonly tables: readonly string[];
  /** Indexes, which can be rebuilt from their tables. */
  readonly indexes: readonly string[];
  /** Pages without a table or index: unused, or unreachable behind another damaged page. */
  readonly unowned: readonly number[];
}

/** Scans the whole database (SQLite's `dbstat`), which is slow: only for a damaged one. */
export function ownersOf(connection: Connection, pages: readonly number[]): PageOwners {
  const names = new Set<string>();
  const owned = new Set<number>();
  try {
    const wanted = prepare(
      connection,
      columns(`SELECT t:name, pageno FROM dbstat WHERE pageno IN (SELECT value FROM json_each(?))`),
    );
    for (const row of wanted.all([JSON.stringify(pages)])) {
      owned.add(integerIn(row, 'pageno'));
      names.add(textIn(row, 'name'));
    }
  } catch {
    // Too damaged for the scan.
    return { tables: [], indexes: [], unowned: pages };
  }
  const indexes = new Set(
    prepare(connection, columns(`SELECT t:name FROM sqlite_schema WHERE type = 'index'`))
      .all([])
      .map((row) => textIn(row, 'name')),
  );
  return {
    tables: [...names].filter((name) => !indexes.has(name)),
    indexes: [...names].filter((name) => indexes.has(name)),
    unowned: pages.filter((page) => !owned.has(page)),
  };
}
