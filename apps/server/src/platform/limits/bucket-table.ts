/**
 * The token buckets of one process, by the generic cell rate algorithm: a bucket is kept as the time at which it will be
 * full again, and a full one is not kept at all. The table is bounded by LRU eviction; evicting a bucket only ever grants
 * quota, and one that is asked for is recent, also when it is refused.
 *
 * Synchronous, for what every message passes and what bounds the work of this process alone. Anything else asks the port
 * (buckets.ts), which {@link ProcessBuckets} makes of it.
 */
import { LRUCache } from 'lru-cache';
import { tokenInMs, type Bucket, type Buckets, type Taken } from './buckets.ts';

const KEYS_MAX = 50_000;

export interface BucketTableOptions {
  /** Milliseconds since any moment. */
  readonly now?: () => number;
  readonly keysMax?: number;
}

export class BucketTable {
  readonly #now: () => number;
  /** By key. */
  readonly #fullAt: LRUCache<string, number>;

  constructor({ now = Date.now, keysMax = KEYS_MAX }: BucketTableOptions = {}) {
    this.#now = now;
    this.#fullAt = new LRUCache({ max: keysMax });
  }

  /** As {@link Buckets.take}. */
  take(buckets: readonly Bucket[], maxWaitMs = 0): Taken {
    const waitMs = Math.max(0, ...buckets.map((bucket) => this.waitMs(bucket)));
    if (waitMs <= maxWaitMs) for (const bucket of buckets) this.charge(bucket, 1);
    return { waitMs, fullInMs: buckets.map(({ key }) => this.#missingMs(key)) };
  }

  /** {@link take} of one bucket, for what every message passes: 0 when a token was taken, else how long to wait. */
  takeOne(bucket: Bucket): number {
    const waitMs = this.waitMs(bucket);
    if (waitMs === 0) this.charge(bucket, 1);
    return waitMs;
  }

  /** Milliseconds until the bucket has a token; none is taken. */
  waitMs({ key, rule }: Bucket): number {
    return tokenInMs(rule, this.#missingMs(key));
  }

  /** Takes tokens whether or not they are there, or puts them back when there are fewer than none of them. */
  charge({ key, rule }: Bucket, tokens: number): void {
    this.set({ key, rule }, this.#missingMs(key) + tokens * rule.refillMs);
  }

  /** Sets when the bucket is full again, as is known from elsewhere. */
  set({ key }: Bucket, fullInMs: number): void {
    if (fullInMs > 0) this.#fullAt.set(key, this.#now() + fullInMs);
    else this.#fullAt.delete(key);
  }

  /** Buckets that are not full, as far as they are not evicted. */
  get size(): number {
    return this.#fullAt.size;
  }

  #missingMs(key: string): number {
    const fullAt = this.#fullAt.get(key);
    return fullAt === undefined ? 0 : Math.max(0, fullAt - this.#now());
  }
}

/** The port over a table of this process. */
export class ProcessBuckets implements Buckets {
  readonly #table: BucketTable;

  constructor(options: BucketTableOptions = {}) {
    this.#table = new BucketTable(options);
  }

  async take(buckets: readonly Bucket[], maxWaitMs?: number): Promise<Taken> {
    return this.#table.take(buckets, maxWaitMs);
  }

  async refund(buckets: readonly Bucket[]): Promise<void> {
    for (const bucket of buckets) this.#table.charge(bucket, -1);
  }

  /** For tests: what is kept in memory. */
  get size(): number {
    return this.#table.size;
  }
}
