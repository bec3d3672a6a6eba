/**
 * Token buckets and proven places in MongoDB. A bucket is one row, the time at which it is full again by the clock of the
 * database; one atomic update takes a token or refuses. Keys are kept as keyed hashes, because what is typed as a login
 * can be a password. Written without waiting for a majority: what an election takes back are a few tokens.
 */
import { createHmac } from 'node:crypto';
import { tokenInMs, type Bucket, type Buckets, type Taken } from '../../platform/limits/buckets.ts';
import type { ProvenPlaces } from '../../platform/limits/proven-places.ts';
import { StoreError } from '../ports/store.ts';
import { keyOf } from './collections.ts';
import type { Core } from './core.ts';
import { isDuplicateKey } from './errors.ts';
import { secretOf } from './keys.ts';
import type { BucketRow } from './shared-rows.ts';

const HOUR_MS = 60 * 60 * 1_000;
/** Longer than a full bucket needs its row, so that a clock that is wrong frees nothing early. */
const KEPT_BEYOND_MS = HOUR_MS;
const PLACE_KEPT_MS = 30 * 24 * HOUR_MS;
const TRIES = 10;
const fast = { writeConcern: { w: 1 } } as const;
const now = { $toLong: '$$NOW' };

/** Hashes by which rows are found, made with a secret of this installation. */
function hashing(core: Core): (...parts: readonly string[]) => Promise<string> {
  let secret: Promise<Uint8Array> | null = null;
  return async (...parts) => {
    secret ??= secretOf(core)('limits');
    const key = await secret.catch((error: unknown) => {
      secret = null;
      throw error;
    });
    return createHmac('sha256', key)
      .update(keyOf(...parts))
      .digest('base64url');
  };
}

interface Answered {
  readonly isTaken: boolean;
  /** Until the bucket is full again, this token included. */
  readonly fullInMs: number;
}

export function sharedBuckets(core: Core): (table: string) => Buckets {
  const hash = hashing(core);
  return (table) => new MongoBuckets(core, (key) => hash(table, key));
}

class MongoBuckets implements Buckets {
  readonly #core: Core;
  readonly #hash: (key: string) => Promise<string>;

  constructor(core: Core, hash: (key: string) => Promise<string>) {
    this.#core = core;
    this.#hash = hash;
  }

  async take(buckets: readonly Bucket[], maxWaitMs = 0): Promise<Taken> {
    const each = await Promise.all(buckets.map((bucket) => this.#takeOne(bucket, maxWaitMs)));
    const isRefused = each.some(({ isTaken }) => !isTaken);
    const takenFrom = buckets.filter((_, index) => each[index]?.isTaken === true);
    // All or none. For a moment the others had one token less, which can refuse another and lets none through.
    if (isRefused) await this.refund(takenFrom);
    const before = each.map(({ isTaken, fullInMs }, index) =>
      isTaken ? Math.max(0, fullInMs - (buckets[index]?.rule.refillMs ?? 0)) : fullInMs,
    );
    return {
      waitMs: Math.max(0, ...buckets.map(({ rule }, index) => tokenInMs(rule, before[index] ?? 0))),
      fullInMs: isRefused ? before : each.map(({ fullInMs }) => fullInMs),
    };
  }

  async refund(buckets: readonly Bucket[]): Promise<void> {
    const { rows, work } = this.#core;
    const refunds = buckets.map(async ({ key, rule }) => {
      const _id = await this.#hash(key);
      const refund = [{ $set: { fullAt: { $subtract: ['$fullAt', rule.refillMs] } } }];
      await work.read(() => rows.limitBuckets.updateOne({ _id }, refund, fast));
    });
    await Promise.allSettled(refunds);
  }

  async #takeOne({ key, rule }: Bucket, maxWaitMs: number): Promise<Answered> {
    const _id = await this.#hash(key);
    const { burst, refillMs } = rule;
    const lacksMs = { $subtract: [{ $subtract: ['$fullAt', '$askedAt'] }, (burst - 1) * refillMs] };
    const goneAt = new Date(Date.now() + (burst + 1) * refillMs + maxWaitMs + KEPT_BEYOND_MS);
    const update = [
      { $set: { askedAt: now, fullAt: { $max: [{ $ifNull: ['$fullAt', 0] }, now] } } },
      // As tokenInMs: what lacks less than half a millisecond lacks nothing.
      { $set: { isTaken: { $or: [{ $lt: [lacksMs, Math.min(1, refillMs) / 2] }, { $lte: [lacksMs, maxWaitMs] }] } } }, // prettier-ignore
      { $set: { fullAt: { $cond: ['$isTaken', { $add: ['$fullAt', refillMs] }, '$fullAt'] }, goneAt } }, // prettier-ignore
    ];
    const row = await this.#core.work.read(() => this.#updated(_id, update));
    return { isTaken: row.isTaken, fullInMs: row.fullAt - row.askedAt };
  }

  /** The row is made first: an update that inserts it can be repeated by the driver, and take two tokens. */
  async #updated(_id: string, update: object[]): Promise<BucketRow> {
    const { limitBuckets } = this.#core.rows;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const row = await limitBuckets.findOneAndUpdate({ _id }, update, {
        returnDocument: 'after',
        ...fast,
      });
      if (row !== null) return row;
      await this.#makeFull(_id);
    }
    throw new StoreError('A limit could not be counted.', false);
  }

  async #makeFull(_id: string): Promise<void> {
    const goneAt = new Date(Date.now() + KEPT_BEYOND_MS);
    try {
      const full = { _id, fullAt: 0, askedAt: 0, isTaken: false, goneAt };
      await this.#core.rows.limitBuckets.insertOne(full, fast);
    } catch (error) {
      // Another request made it at the same time.
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

export function provenPlaces(core: Core): ProvenPlaces {
  const { rows, work } = core;
  const hash = hashing(core);
  return {
    has: async (place) => {
      const _id = await hash('place', place);
      return (await work.read(() => rows.provenPlaces.findOne({ _id }))) !== null;
    },
    add: async (place) => {
      try {
        const _id = await hash('place', place);
        const kept = { $set: { goneAt: new Date(Date.now() + PLACE_KEPT_MS) } };
        await work.read(() =>
          rows.provenPlaces.updateOne({ _id }, kept, { ...fast, upsert: true }),
        );
      } catch {
        // It has the smaller bucket of a new place then.
      }
    },
  };
}
