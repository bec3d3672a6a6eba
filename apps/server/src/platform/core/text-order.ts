/**
 * The order of texts, wherever the store port lists something by a text or breaks ties by an id: ascending by UTF-8
 * bytes, which is the order of code points. It knows no language and no case, and every store can have it: it is
 * SQLite's BINARY collation and the simple comparison of other databases. It is not JavaScript's own order, which puts
 * characters outside of the basic plane before some of those within. Pure.
 */
export function compareText(one: string, other: string): number {
  return one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));
}
