/** The documents of one person as lists: theirs, those they opened, those that a search finds, and their folders. */
import { SEARCH_WORDS } from '@concord/protocol';
import { userIdOf, type Principal } from '../access/principal.ts';
import { networkOf } from '../platform/ip-network.ts';
import type { LibraryPage, LibraryQuery } from '../store/ports/library-store.ts';
import type { Store } from '../store/ports/store.ts';
import { searchTermsOf } from '../store/search/search-words.ts';
import { requireScopeFor } from './document-access.ts';
import { DocumentError } from './document-error.ts';
import { SearchQueue } from './search-queue.ts';

/** What to list; whose it is, is who asks. */
export type WantedList = Pick<LibraryQuery, 'view' | 'folder' | 'search' | 'limit' | 'cursor'>;

export class Library {
  readonly #store: Pick<Store, 'library'>;
  readonly #searches = new SearchQueue();

  constructor(store: Pick<Store, 'library'>) {
    this.#store = store;
  }

  /**
   * Rejects with ScopeNeededError, or {@link DocumentError} `tooManyWords`, `searchesWaiting` or `searchesBusy`.
   * @param address of the request
   */
  async list(principal: Principal, address: string, wanted: WantedList): Promise<LibraryPage> {
    requireScopeFor(principal, 'read');
    const userId = userIdOf(principal);
    if (userId === null) return { entries: [], nextCursor: null };
    const { library } = this.#store;
    const query = { ...wanted, userId, now: Date.now() };
    const { search } = query;
    if (search === null) return library.list(query);
    return this.#searches.run({ userId, network: networkOf(address) }, (signal) => {
      requireFewWords(search);
      return library.list(query, signal);
    });
  }

  /** Rejects with ScopeNeededError. */
  async folders(
    principal: Principal,
  ): Promise<readonly { readonly name: string; readonly documents: number }[]> {
    requireScopeFor(principal, 'read');
    const userId = userIdOf(principal);
    return userId === null ? [] : this.#store.library.folders(userId, Date.now());
  }
}

function requireFewWords(search: string): void {
  const words = searchTermsOf(search).length;
  if (words <= SEARCH_WORDS) return;
  const detail = `A search has at most ${SEARCH_WORDS} different words; this one has ${words}. Leave some out.`;
  throw new DocumentError('tooManyWords', detail);
}
