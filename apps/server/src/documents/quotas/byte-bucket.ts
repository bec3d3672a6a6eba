/**
 * Token buckets of bytes, one for each key: so much at once, and the allowance of a day spread over the day. Their
 * number is bounded: evicting the bucket untouched for longest only ever grants quota. What changed can be taken to be
 * kept, and put back after a restart.
 */

const DAY_MS = 24 * 60 * 60 * 1_000;
const BUCKETS_MAX = 50_000;

export interface ByteRule {
  /** Bytes a day; null for no limit. */
  readonly perDay: number | null;
  readonly atOnce: number;
}

export class ByteBuckets {
  readonly #now: () => number;
  readonly #bucketsMax: number;
  /** Bytes that are missing in a bucket, and when that was so; longest untouched first. */
  readonly #missing = new Map<string, { readonly bytes: number; readonly at: number }>();

  /** Keys of buckets that were taken from since {@link takeChanged}. */
  #changed = new Set<string>();

  /** @param now milliseconds since any moment */
  constructor(now: () => number, bucketsMax = BUCKETS_MAX) {
    this.#now = now;
    this.#bucketsMax = bucketsMax;
  }

  /** Milliseconds until the bucket holds something again; 0 when it does. What it holds may be overdrawn once. */
  waitMs(key: string, { perDay, atOnce }: ByteRule): number {
    if (perDay === null) return 0;
    const over = this.#missingNow(key, perDay) - atOnce;
    return over < 0 ? 0 : Math.ceil(((over + 1) * DAY_MS) / perDay);
  }

  take(key: string, { perDay }: ByteRule, bytes: number): void {
    if (perDay === null) return;
    const missing = this.#missingNow(key, perDay) + bytes;
    this.#changed.add(key);
    this.#set(key, { bytes: missing, at: this.#now() });
  }

  /** What is missing in those that were taken from since the last call; `at` by the clock of this. */
  takeChanged(): readonly { readonly key: string; readonly bytes: number; readonly at: number }[] {
    const changed = [...this.#changed];
    this.#changed = new Set();
    return changed.flatMap((key) => {
      const missing = this.#missing.get(key);
      return missing === undefined ? [] : [{ key, ...missing }];
    });
  }

  /** A bucket as it was taken `agoMs` ago. */
  putBack(key: string, bytes: number, agoMs: number): void {
    this.#set(key, { bytes, at: this.#now() - agoMs });
  }

  #set(key: string, missing: { readonly bytes: number; readonly at: number }): void {
    this.#missing.delete(key);
    this.#missing.set(key, missing);
    if (this.#missing.size <= this.#bucketsMax) return;
    for (const oldest of this.#missing.keys()) {
      this.#missing.delete(oldest);
      return;
    }
  }

  #missingNow(key: string, perDay: number): number {
    const known = this.#missing.get(key);
    if (known === undefined) return 0;
    return Math.max(0, known.bytes - ((this.#now() - known.at) * perDay) / DAY_MS);
  }
}
