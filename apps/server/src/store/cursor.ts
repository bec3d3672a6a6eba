/** Keyset cursors of lists: sort key and id (tie-breaker) of the last entry of a page. */
export interface Cursor {
  readonly sort: number;
  readonly id: string;
}

/** Opaque for clients. */
export function writeCursor({ sort, id }: Cursor): string {
  return Buffer.from(JSON.stringify([sort, id])).toString('base64url');
}

/** Null for an invalid cursor: the list then starts from the beginning. */
export function readCursor(text: string | null): Cursor | null {
  if (text === null) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parsed)) return null;
    const [sort, id] = parsed as unknown[];
    return typeof sort === 'number' && typeof id === 'string' ? { sort, id } : null;
  } catch {
    return null;
  }
}
