/**
 * The hits of searches, page by page, the same for every store.
 *
 *   what the person may read ─▶ match, some documents at a time ─▶ order ─▶ a page of entries with passages
 *
 * The order of the hits is kept for a while, and the cursor names it: whatever is written meanwhile, the pages list
 * each hit once. An order that is not kept any more is made again, and continued behind the last hit.
 */
import { randomUUID } from 'node:crypto';
import { SEARCH_DOCUMENTS_MAX, SEARCH_ORDERS_KEPT } from '@concord/protocol';
import type { LibraryEntry, LibraryPage, LibraryQuery } from '../ports/library-store.ts';
import { inOrder, type Match } from './ranking.ts';
import { searchTermsOf, type SearchTerm } from './search-words.ts';

/** Documents that are looked into at a time. */
const MATCHED_AT_ONCE = 250;
/** Documents of which passages are made at a time. */
const PASSAGES_AT_ONCE = 10;

/** What a search goes through. */
export type SearchScope = Pick<LibraryQuery, 'userId' | 'view' | 'folder' | 'now'>;

/** What a store is asked by a search. Documents have numbers, the newest the highest. */
export interface SearchedTexts {
  /** Documents that a search of this person goes through, those that changed last first. */
  searchable(scope: SearchScope, limit: number): Promise<readonly number[]>;
  /** Those of the documents that have all terms, in their title or text. */
  match(keys: readonly number[], terms: readonly SearchTerm[]): Promise<readonly Match[]>;
  /** Those of the documents that the search may still show. */
  entries(scope: SearchScope, keys: readonly number[]): Promise<ReadonlyMap<number, LibraryEntry>>;
  /** The passage of each document; one is missing when its characters do not follow one another as searched for. */
  passages(
    keys: readonly number[],
    terms: readonly SearchTerm[],
  ): Promise<ReadonlyMap<number, string>>;
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
  /** Longest unused first. */
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
      const count = Math.min(PASSAGES_AT_ONCE, limit - entries.length);
      const keys = matches.slice(listed, listed + count).map(({ key }) => key);
      const shown = await this.#texts.entries(scope, keys);
      const readable = keys.filter((key) => shown.has(key));
      const passages = await this.#texts.passages(readable, terms);
      for (const key of keys) {
        const entry = shown.get(key);
        const passage = passages.get(key);
        if (entry !== undefined && passage !== undefined) entries.push({ ...entry, passage });
      }
      listed += keys.length;
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
    const keys = await this.#texts.searchable(scope, SEARCH_DOCUMENTS_MAX);
    const matches: Match[] = [];
    for (let from = 0; from < keys.length; from += MATCHED_AT_ONCE) {
      signal?.throwIfAborted();
      const some = keys.slice(from, from + MATCHED_AT_ONCE);
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
  const { key, score, updatedAt } = last;
  return Buffer.from(JSON.stringify([order, listed, score, updatedAt, key])).toString('base64url');
}

/** Null for what is no cursor of a search: the list then begins at its start. */
function readSearchCursor(text: string | null): SearchCursor | null {
  if (text === null) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parsed)) return null;
    const [order, ...numbers] = parsed as unknown[];
    const [listed, score, updatedAt, key] = numbers.map((each) => Number.isSafeInteger(each) ? (each as number) : -1); // prettier-ignore
    if (typeof order !== 'string' || listed === undefined || listed < 0) return null;
    if (score === undefined || updatedAt === undefined || key === undefined) return null;
    return { order, listed, last: { key, score, updatedAt } };
  } catch {
    return null;
  }
}
