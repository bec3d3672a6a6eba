/**
 * How many operations each person may still submit to one document: a token bucket per person, not per session, so
 * that joining again, or in another tab, fills nothing up. Pure.
 */
import type { Limits } from '@concord/protocol';
import { TokenBucket } from '../../platform/core/token-bucket.ts';

/** People whose buckets are kept; beyond it those who submitted longest ago are forgotten, which grants a full one. */
const PEOPLE_MAX = 2_000;

export class SubmissionAllowances {
  /** By user id; who submitted longest ago comes first. */
  readonly #buckets = new Map<string, TokenBucket>();

  /** The bucket of a person, full when there was none. */
  of(userId: string, limits: Limits, now: number): TokenBucket {
    const known = this.#buckets.get(userId);
    const bucket =
      known ?? new TokenBucket(limits.operationsPerSecond, limits.operationsBurst, now);
    this.#buckets.delete(userId);
    this.#buckets.set(userId, bucket);
    if (this.#buckets.size > PEOPLE_MAX) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return bucket;
  }
}
