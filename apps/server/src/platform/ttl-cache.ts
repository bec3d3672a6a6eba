/**
 * TTL cache for store reads made on every request, with explicit invalidation. The TTL bounds staleness when an
 * invalidation is lost (docs/security.md#revocation). Bounded by LRU eviction.
 */
import { LRUCache } from 'lru-cache';

const ENTRIES_MAX = 20_000;

interface Entry<V> {
  readonly answer: Promise<V>;
  readonly askedAt: number;
}

export class TtlCache<V> {
  readonly #ask: (key: string) => Promise<V>;
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #entries = new LRUCache<string, Entry<V>>({ max: ENTRIES_MAX });

  /** @param ask the source; a rejection is not cached */
  constructor(ask: (key: string) => Promise<V>, ttlMs: number, now: () => number) {
    this.#ask = ask;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  get(key: string): Promise<V> {
    const known = this.#entries.get(key);
    // The TTL counts from the request to the source: the answer may be as old as that.
    if (known !== undefined && this.#now() - known.askedAt < this.#ttlMs) return known.answer;
    const entry: Entry<V> = { answer: this.#ask(key), askedAt: this.#now() };
    this.#entries.set(key, entry);
    entry.answer.catch(() => {
      if (this.#entries.peek(key) === entry) this.#entries.delete(key);
    });
    return entry.answer;
  }

  /** The next caller gets a fresh answer, even while an older request is pending. */
  invalidate(key: string): void {
    this.#entries.delete(key);
  }

  invalidateAll(): void {
    this.#entries.clear();
  }
}
