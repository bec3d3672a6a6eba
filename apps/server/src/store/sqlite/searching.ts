/**
 * Searches and the upkeep of the index, in turns: each request to the searching thread is some milliseconds of work,
 * so that what many people search for, and what is being indexed, go on side by side.
 */
import type { DocumentId } from '@concord/protocol';
import type { LibraryPage, LibraryQuery, SearchIndex } from '../ports/library-store.ts';
import { HitPages } from '../search/hit-pages.ts';
import { piecesOf } from '../search/text-pieces.ts';
import type { Answer, Given, Method, TableName } from './messages.ts';

/** Asks a method of the tables of the searching thread. */
export type AskSearch = <T extends TableName, M extends Method<T>>(
  table: T,
  method: M,
  ...given: Given<T, M>
) => Promise<Answer<T, M>>;

export class Searching implements SearchIndex {
  readonly #ask: AskSearch;
  readonly #pages: HitPages;

  constructor(ask: AskSearch) {
    this.#ask = ask;
    this.#pages = new HitPages({
      searchable: (scope, limit) => ask('library', 'searchable', scope, limit),
      match: (ids, terms) => ask('search', 'match', ids, terms),
      entries: (scope, ids) => ask('library', 'searched', scope, ids),
      passages: (ids, terms) => ask('search', 'passages', ids, terms),
    });
  }

  /** Rejects with the reason of the signal when it is aborted. */
  list(
    query: LibraryQuery & { readonly search: string },
    signal?: AbortSignal,
  ): Promise<LibraryPage> {
    return this.#pages.list(query, signal);
  }

  // --- Keeping up -------------------------------------------------------------------------------

  async put(documentId: DocumentId, version: number, text: string): Promise<void> {
    const number = await this.#ask('search', 'beginText', documentId, version);
    if (number === null) return;
    try {
      let words = 0;
      let place = 0;
      for (const piece of piecesOf(text.toWellFormed())) {
        words += await this.#ask('search', 'addPiece', number, place, piece);
        place += 1;
      }
      await this.#ask('search', 'finishText', number, words);
    } catch (error) {
      await this.#ask('search', 'abandonText', number).catch(() => {});
      throw error;
    }
    await this.#prune();
  }

  async behind(limit: number, after: DocumentId | null): Promise<readonly DocumentId[]> {
    const behind = await this.#ask('search', 'behind', limit, after);
    if (after === null) await this.#prune();
    return behind;
  }

  async forget(documentId: DocumentId): Promise<void> {
    await this.#ask('search', 'forget', documentId);
    await this.#prune();
  }

  async #prune(): Promise<void> {
    while (await this.#ask('search', 'prune'));
  }
}
