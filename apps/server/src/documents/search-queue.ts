/**
 * Admits searches: one at a time per person, a bounded number per address and in all, each with a deadline. Those
 * admitted go on side by side, in slices (store/sqlite/searching.ts).
 *
 *   asked ─▶ waits for the person's search before ─▶ under way ─▶ answered
 *     │                                                  └─▶ given up at the deadline
 *     └─▶ refused (the queue of the person, of the address or of all is full)
 */
import {
  SEARCH_DEADLINE_MS,
  SEARCHES_WAITING,
  SEARCHES_WAITING_PER_ADDRESS,
  SEARCHES_WAITING_PER_PERSON,
} from '@concord/protocol';
import { DocumentError } from './document-error.ts';

/** Whose search it is. */
export interface Searcher {
  readonly userId: string;
  /** What counts as one address (platform/ip-network.ts, `networkOf`). */
  readonly network: string;
}

export class SearchQueue {
  readonly #deadlineMs: number;
  /** The last search of each person that has one. */
  readonly #lastOf = new Map<string, Promise<unknown>>();
  /** Searches under way and waiting, by person and by address. */
  readonly #counts = new Map<string, number>();
  #all = 0;

  constructor(deadlineMs = SEARCH_DEADLINE_MS) {
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Rejects with a {@link DocumentError} `searchesWaiting` or `searchesBusy`, or with what the work rejects with.
   * @param search stops as soon as it can when the signal is aborted, and rejects with its reason
   */
  async run<T>(
    { userId, network }: Searcher,
    search: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const person = `person ${userId}`;
    const address = `address ${network}`;
    if (this.#countOf(person) > SEARCHES_WAITING_PER_PERSON) throw tooMany('of yours are');
    if (this.#countOf(address) >= SEARCHES_WAITING_PER_ADDRESS) throw tooMany('from your network are'); // prettier-ignore
    if (this.#all >= SEARCHES_WAITING) throw busy('Too many people are searching at this moment.');
    this.#add(person, 1);
    this.#add(address, 1);
    this.#all += 1;
    const aborting = new AbortController();
    const timer = setTimeout(() => aborting.abort(busy('This search took too long.')), this.#deadlineMs); // prettier-ignore
    const mine = (this.#lastOf.get(userId) ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        aborting.signal.throwIfAborted();
        return search(aborting.signal);
      });
    this.#lastOf.set(userId, mine);
    try {
      return await mine;
    } finally {
      clearTimeout(timer);
      if (this.#lastOf.get(userId) === mine) this.#lastOf.delete(userId);
      this.#add(person, -1);
      this.#add(address, -1);
      this.#all -= 1;
    }
  }

  /** For tests: what is kept in memory. */
  get size(): number {
    return this.#lastOf.size + this.#counts.size;
  }

  #countOf(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  #add(key: string, change: number): void {
    const count = this.#countOf(key) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

function tooMany(whose: string): DocumentError {
  const detail = `Other searches ${whose} still under way. Try again in a second.`;
  return new DocumentError('searchesWaiting', detail, { retryAfterSeconds: 1 });
}

function busy(why: string): DocumentError {
  const detail = `${why} Nothing is wrong with your documents; try again in a few seconds.`;
  return new DocumentError('searchesBusy', detail, { retryAfterSeconds: 5 });
}
