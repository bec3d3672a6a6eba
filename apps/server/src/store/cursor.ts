/** Keyset cursors of lists: where a page ended, by what it is ordered by and the id that breaks ties. */
export interface Cursor {
  readonly sort: number;
  readonly id: string;
}

/** Opaque for clients. */
export function writeCursor({ sort, id }: Cursor): string {
  return Buffer.from(JSON.stringify([sort, id])).toString('base64url');
}

/** Null for what is no cursor of ours: the list then begins at its start. */
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
