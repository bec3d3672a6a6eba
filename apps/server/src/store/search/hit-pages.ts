/**
 * Pagination of search hits, shared by all stores.
 *
 *   what the person may read ─▶ match, some documents at a time ─▶ order ─▶ a page of entries with passages
 *
 * The ranked hits of a search are cached (LRU), and the cursor names them, so that pages list each hit once despite
 * concurrent writes. An evicted ranking is computed again, and continued after the last hit.
 */
import { randomUUID } from 'node:crypto';
import { SEARCH_DOCUMENTS_MAX, SEARCH_ORDERS_KEPT, type DocumentId } from '@concord/protocol';
import { z } from 'zod';
import type { LibraryEntry, LibraryPage, LibraryQuery } from '../ports/library-store.ts';
import { inOrder, type Match } from './ranking.ts';
import { searchTermsOf, type SearchTerm } from './search-words.ts';

/** Documents per query for matches. */
const MATCHED_PER_QUERY = 250;
/** Documents per query for passages. */
const PASSAGES_PER_QUERY = 10;

/** The documents that a search covers. */
export type SearchScope = Pick<LibraryQuery, 'userId' | 'view' | 'folder' | 'now'>;

/** Queries of a search to its store. */
export interface SearchedTexts {
  /** Documents that a search of this person goes through, those that changed last first. */
  searchable(scope: SearchScope, limit: number): Promise<readonly DocumentId[]>;
  /** Those of the documents that have all terms, in their title or text. */
  match(ids: readonly DocumentId[], terms: readonly SearchTerm[]): Promise<readonly Match[]>;
  /** Those of the documents that the search may still show. */
  entries(
    scope: SearchScope,
    ids: readonly DocumentId[],
  ): Promise<ReadonlyMap<DocumentId, LibraryEntry>>;
  /** The passage of each document; one is missing when its characters do not follow one another as searched for. */
  passages(
    ids: readonly DocumentId[],
    terms: readonly SearchTerm[],
  ): Promise<ReadonlyMap<DocumentId, string>>;
}

/** Hits in the order in which they are listed. */
interface Order {
  /** What was searched for, by whom. */
  readonly of: string;
  readonly matches: readonly Match[];
}

interface SearchCursor {
  /** The kept order and how many of its hits were listed. */
  readonly order: string;
  readonly listed: number;
  /** The last hit that was listed. */
  readonly last: Match;
}

export class HitPages {
  readonly #texts: SearchedTexts;
  /** Least recently used first. */
  readonly #orders = new Map<string, Order>();
  #kept = 0;

  constructor(texts: SearchedTexts) {
    this.#texts = texts;
  }

  /** Rejects with the reason of the signal when it is aborted. */
  async list(
    query: LibraryQuery & { readonly search: string },
    signal?: AbortSignal,
  ): Promise<LibraryPage> {
    const terms = searchTermsOf(query.search);
    if (terms.length === 0) return { entries: [], nextCursor: null };
    const { userId, view, folder, now, limit } = query;
    const scope = { userId, view, folder, now };
    const cursor = readSearchCursor(query.cursor);
    const of = JSON.stringify([userId, view, folder, terms]);
    const kept = cursor === null ? undefined : this.#orders.get(cursor.order);
    const isKept = kept?.of === of;
    const matches = isKept ? kept.matches : await this.#matches(scope, terms, signal);
    const order = isKept && cursor !== null ? cursor.order : randomUUID();
    let listed = 0;
    if (cursor !== null) listed = isKept ? cursor.listed : placeAfter(matches, cursor.last);
    this.#keep(order, { of, matches });
    const entries: LibraryEntry[] = [];
    while (entries.length < limit && listed < matches.length) {
      signal?.throwIfAborted();
      const count = Math.min(PASSAGES_PER_QUERY, limit - entries.length);
      const ids = matches.slice(listed, listed + count).map(({ id }) => id);
      const shown = await this.#texts.entries(scope, ids);
      const readable = ids.filter((id) => shown.has(id));
      const passages = await this.#texts.passages(readable, terms);
      for (const id of ids) {
        const entry = shown.get(id);
        const passage = passages.get(id);
        if (entry !== undefined && passage !== undefined) entries.push({ ...entry, passage });
      }
      listed += ids.length;
    }
    const last = matches[listed - 1];
    const hasMore = listed < matches.length && last !== undefined;
    return { entries, nextCursor: hasMore ? writeSearchCursor({ order, listed, last }) : null };
  }

  async #matches(
    scope: SearchScope,
    terms: readonly SearchTerm[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Match[]> {
    const ids = await this.#texts.searchable(scope, SEARCH_DOCUMENTS_MAX);
    const matches: Match[] = [];
    for (let from = 0; from < ids.length; from += MATCHED_PER_QUERY) {
      signal?.throwIfAborted();
      const some = ids.slice(from, from + MATCHED_PER_QUERY);
      matches.push(...(await this.#texts.match(some, terms)));
    }
    return matches.sort(inOrder);
  }

  #keep(id: string, order: Order): void {
    this.#forget(id);
    this.#orders.set(id, order);
    this.#kept += order.matches.length + 1;
    for (const oldest of this.#orders.keys()) {
      if (this.#kept <= SEARCH_ORDERS_KEPT) return;
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    const order = this.#orders.get(id);
    if (order === undefined) return;
    this.#orders.delete(id);
    this.#kept -= order.matches.length + 1;
  }
}

/** How many of the matches come before the one that follows a hit. */
function placeAfter(matches: readonly Match[], last: Match): number {
  const place = matches.findIndex((match) => inOrder(match, last) > 0);
  return place === -1 ? matches.length : place;
}

function writeSearchCursor({ order, listed, last }: SearchCursor): string {
  const { id, score, updatedAt } = last;
  return Buffer.from(JSON.stringify([order, listed, score, updatedAt, id])).toString('base64url');
}

const searchCursorSchema = z.tuple([z.string(), z.int().min(0), z.int(), z.int(), z.string()]);

/** Null for an invalid cursor: the list then starts from the beginning. */
function readSearchCursor(text: string | null): SearchCursor | null {
  if (text === null) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const cursor = searchCursorSchema.safeParse(parsed);
    if (!cursor.success) return null;
    const [order, listed, score, updatedAt, id] = cursor.data;
    return { order, listed, last: { id: id as DocumentId, score, updatedAt } };
  } catch {
    return null;
  }
}
