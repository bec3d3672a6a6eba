/** The collections of what servers share beside the records of the store, and the shape of their rows. */
import type { Collection } from 'mongodb';

/** An entry of the feed of events. */
export interface EventRow {
  /** 1, 2, 3, … without gaps, in the order in which entries were committed. */
  _id: number;
  origin: string;
  events: string[];
  hasGap: boolean;
  /** By the clock of its server: when the row may be deleted. */
  at: Date;
}

/** The newest number that was given. Never deleted, so that numbers do not begin again. */
export interface CounterRow {
  _id: 'events';
  value: number;
}

/** A token bucket (platform/limits/buckets.ts). Times are of the database, in milliseconds. */
export interface BucketRow {
  _id: string;
  /** When it is full again. */
  fullAt: number;
  /** What was asked last, when, and whether a token was given. */
  askedAt: number;
  isTaken: boolean;
  goneAt: Date;
}

export interface ProvenPlaceRow {
  _id: string;
  goneAt: Date;
}

/** See `Hold` of store/ports/holds.ts. */
export interface HoldRow {
  _id: string;
  holder: string;
  value: string;
  /** By the clock of the database, in milliseconds. */
  until: number;
  goneAt: Date;
}

export interface SharedCollections {
  readonly events: Collection<EventRow>;
  readonly counters: Collection<CounterRow>;
  readonly limitBuckets: Collection<BucketRow>;
  readonly provenPlaces: Collection<ProvenPlaceRow>;
  readonly holds: Collection<HoldRow>;
}
