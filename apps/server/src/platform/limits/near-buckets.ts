/**
 * Token buckets of several servers, with a copy of what this process knows in front of the shared ones. A bucket that is
 * empty by the copy refuses without a question: others only take more. So the shared store is asked at most once for
 * each request that may be let through, and a flood of one server costs it nothing. A refund on another server is
 * not known here until the next answer: until then the wait that was told still holds.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { BucketTable, type BucketTableOptions } from './bucket-table.ts';
import type { Bucket, Buckets, Taken } from './buckets.ts';

/** How long a request waits for the shared store. */
const PATIENCE_MS = 2_000;

export interface NearBucketsOptions extends BucketTableOptions {
  /** Without an answer the buckets of this process decide alone; else `take` rejects. */
  readonly failsOpen: boolean;
  readonly onError: (error: unknown) => void;
  readonly patienceMs?: number;
}

export class NearBuckets implements Buckets {
  readonly #shared: Buckets;
  readonly #near: BucketTable;
  readonly #options: NearBucketsOptions;

  constructor(shared: Buckets, options: NearBucketsOptions) {
    this.#shared = shared;
    this.#near = new BucketTable(options);
    this.#options = options;
  }

  async take(buckets: readonly Bucket[], maxWaitMs = 0): Promise<Taken> {
    const isEmpty = buckets.some((bucket) => this.#near.waitMs(bucket) > maxWaitMs);
    // Takes nothing, since one of them would have to be waited for.
    if (isEmpty) return this.#near.take(buckets, maxWaitMs);
    try {
      const taken = await this.#patiently(() => this.#shared.take(buckets, maxWaitMs));
      buckets.forEach((bucket, index) => this.#near.set(bucket, taken.fullInMs[index] ?? 0));
      return taken;
    } catch (error) {
      if (!this.#options.failsOpen) throw error;
      this.#options.onError(error);
      return this.#near.take(buckets, maxWaitMs);
    }
  }

  async refund(buckets: readonly Bucket[]): Promise<void> {
    for (const bucket of buckets) this.#near.charge(bucket, -1);
    await this.#shared.refund(buckets);
  }

  /** Who fails closed waits as long as the store does. */
  async #patiently(ask: () => Promise<Taken>): Promise<Taken> {
    const { failsOpen, patienceMs = PATIENCE_MS } = this.#options;
    if (!failsOpen) return ask();
    const timer = new AbortController();
    const late = pause(patienceMs, undefined, { signal: timer.signal, ref: false }).then(() => {
      throw new Error('The shared limits did not answer in time.');
    });
    late.catch(() => {});
    try {
      return await Promise.race([ask(), late]);
    } finally {
      timer.abort();
    }
  }
}
