/**
 * Token buckets by key. A port, because a process knows only what it was asked itself: servers of one installation share
 * a store that implements it (a bucket is one row, the time at which it is full again; a row whose time is over may be
 * deleted). Here the process keeps them, and a restart resets them.
 */

export interface BucketRule {
  /** Tokens that gather while none is taken. */
  readonly burst: number;
  /** Milliseconds until one more. */
  readonly refillMs: number;
}

export interface Bucket {
  /** Always with the same rule. */
  readonly key: string;
  readonly rule: BucketRule;
}

export interface Taken {
  /** Milliseconds until every bucket has a token; 0 when all had one. */
  readonly waitMs: number;
  /** Milliseconds until each is full again, in the order of the buckets. */
  readonly fullInMs: readonly number[];
}

export interface Buckets {
  /**
   * Takes a token out of each bucket, or none out of any of them when one would have to be waited for longer than
   * `maxWaitMs` (0 when left out). A token that is not there yet is a place in the queue. Atomic: of many who ask at
   * once, no more are let through than there are tokens. Rejects with StoreError when a shared store cannot be asked.
   */
  take(buckets: readonly Bucket[], maxWaitMs?: number): Promise<Taken>;
  /** Puts a token back into each. Never rejects: what is not put back flows in again with time. */
  refund(buckets: readonly Bucket[]): Promise<void>;
}

/**
 * Milliseconds until a bucket that is full in `fullInMs` has a token; 0 when it has one. Sums of refill times are not
 * exact, and clocks tell whole milliseconds: what lacks less than half of one, and of a token, lacks nothing.
 */
export function tokenInMs({ burst, refillMs }: BucketRule, fullInMs: number): number {
  const lacksMs = fullInMs - (burst - 1) * refillMs;
  return lacksMs < Math.min(1, refillMs) / 2 ? 0 : Math.ceil(lacksMs);
}

/** A rule by its rate. */
export function perSecond(tokens: number, burst: number): BucketRule {
  return { burst, refillMs: 1_000 / tokens };
}
