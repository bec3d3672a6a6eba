/**
 * Token buckets by key (a person, an address). A bucket is kept as the time at which it will be full again; a full one
 * is not kept at all. The table is bounded: beyond it, buckets that were touched longest ago are forgotten, which only
 * ever grants quota.
 */
import { LRUCache } from 'lru-cache';

export interface RateRule {
  readonly perSecond: number;
  /** Tokens that gather while nothing is taken. */
  readonly burst: number;
}

const KEYS_MAX = 50_000;

export class RateTable {
  readonly #tokenMs: number;
  readonly #burst: number;
  readonly #now: () => number;
  /** Milliseconds, by key. */
  readonly #fullAt: LRUCache<string, number>;

  constructor(rule: RateRule, options: { now?: () => number; keysMax?: number } = {}) {
    this.#tokenMs = 1_000 / rule.perSecond;
    this.#burst = rule.burst;
    this.#now = options.now ?? Date.now;
    this.#fullAt = new LRUCache({ max: options.keysMax ?? KEYS_MAX });
  }

  /** Takes tokens if one is there; the bucket may go below zero. Returns 0, or how many milliseconds to wait for one. */
  take(key: string, tokens = 1): number {
    const waitMs = this.#waitMs(key);
    if (waitMs === 0) this.#add(key, tokens);
    return waitMs;
  }

  /**
   * Takes a token that need not be there yet: whoever waits for it has a place in the queue.
   * Returns the milliseconds until it is there; beyond `maxWaitMs` nothing is taken.
   */
  reserve(key: string, maxWaitMs: number): number {
    const waitMs = this.#waitMs(key);
    if (waitMs <= maxWaitMs) this.#add(key, 1);
    return waitMs;
  }

  /** Takes what something cost, whether or not it is there. */
  charge(key: string, tokens: number): void {
    this.#add(key, tokens);
  }

  #waitMs(key: string): number {
    const now = this.#now();
    const missingMs = Math.max(0, (this.#fullAt.get(key) ?? now) - now);
    return Math.max(0, Math.ceil(missingMs - (this.#burst - 1) * this.#tokenMs));
  }

  #add(key: string, tokens: number): void {
    const now = this.#now();
    this.#fullAt.set(key, Math.max(this.#fullAt.get(key) ?? now, now) + tokens * this.#tokenMs);
  }
}
