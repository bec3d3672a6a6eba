/**
 * Follows the feed of events. A change stream says at once that there is a row; the numbers of the rows say whether one
 * is missing:
 *
 *   change stream, resumed at its token ─▶ the next number? ─▶ given
 *   at the start, after an error, every few seconds, at a gap ─▶ rows after the last number ─▶ given
 *   a number that has no row any more, or numbers that begin again ─▶ `missed`
 *
 * Looking every few seconds finds what a stream that is silent, or resumed too late, leaves out. Without change streams
 * it is the only way, and more frequent.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ChangeStream, ChangeStreamInsertDocument, ResumeToken } from 'mongodb';
import type { FeedFollower } from '../ports/event-feed.ts';
import { decided, type Collections } from './collections.ts';
import type { EventRow } from './shared-rows.ts';

const LOOK_MS = 4_000;
const POLL_MS = 1_000;
/** How long the server waits for a row before it says that there is none. */
const AWAIT_MS = 1_000;
/** Before the next question, after none was found: not every server waits. */
const IDLE_MS = 20;
const ROWS_PER_QUERY = 100;
const inserts = [{ $match: { operationType: 'insert' } }];

type Insert = ChangeStreamInsertDocument<EventRow>;

export class EventFollower {
  readonly #rows: Pick<Collections, 'events' | 'counters'>;
  readonly #follower: FeedFollower;
  readonly #hasStreams: boolean;
  /** Of the last row that was given, or need not be; null before the first look. */
  #number: number | null = null;
  /** Null where no stream can be resumed. */
  #token: ResumeToken = null;
  readonly #stopping = new AbortController();
  #stream: ChangeStream<EventRow, Insert> | null = null;

  constructor(
    rows: Pick<Collections, 'events' | 'counters'>,
    follower: FeedFollower,
    hasStreams: boolean,
  ) {
    this.#rows = rows;
    this.#follower = follower;
    this.#hasStreams = hasStreams;
  }

  /** Resolves when it was stopped and gives nothing more. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        if (this.#hasStreams) await this.#readStream();
        else await this.#look();
      } catch (error) {
        if (this.#isStopped) return;
        this.#follower.failed(error);
        // Streams may be what does not work.
        if (this.#hasStreams) await this.#look().catch(() => {});
      }
      await pause(POLL_MS, undefined, { signal: this.#stopping.signal, ref: false }).catch(
        () => {},
      );
    }
  }

  stop(): void {
    this.#stopping.abort();
    this.#stream?.close().catch(() => {});
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Never resolves before it was stopped. */
  async #readStream(): Promise<void> {
    const token = this.#token;
    // One that cannot be resumed at, because the history is too short or another, is not tried again.
    this.#token = null;
    const stream = this.#rows.events.watch<EventRow, Insert>(inserts, {
      maxAwaitTimeMS: AWAIT_MS,
      ...(token === null ? {} : { resumeAfter: token }),
    });
    this.#stream = stream;
    try {
      // Opens it: what is committed from here on is in the stream, and what was before is looked for.
      let change = await stream.tryNext();
      await this.#look();
      let lookedAt = performance.now();
      while (!this.#isStopped) {
        if (change !== null) await this.#found(change.fullDocument);
        this.#token = stream.resumeToken ?? null;
        if (performance.now() - lookedAt >= LOOK_MS) {
          await this.#look();
          lookedAt = performance.now();
        }
        if (change === null) await pause(IDLE_MS);
        change = await stream.tryNext();
      }
    } finally {
      await stream.close().catch(() => {});
    }
  }

  async #found(row: EventRow): Promise<void> {
    if (row._id === (this.#number ?? 0) + 1) await this.#give(row);
    else if (row._id > (this.#number ?? 0)) await this.#look();
  }

  /** Gives what comes after the last number, as a majority has it. */
  async #look(): Promise<void> {
    const { events, counters } = this.#rows;
    const newest = (await counters.findOne({ _id: 'events' }, decided))?.value ?? 0;
    // Numbers that begin again are of another history: a backup was restored.
    if (this.#number === null || newest < this.#number) return this.#goTo(newest);
    while (this.#number < newest) {
      const after = { _id: { $gt: this.#number } };
      const found = await events
        .find(after, { ...decided, sort: { _id: 1 }, limit: ROWS_PER_QUERY })
        .toArray();
      if (found.length === 0) return this.#goTo(newest);
      for (const row of found) await this.#give(row);
    }
  }

  #goTo(number: number): void {
    this.#number = number;
    this.#follower.missed();
  }

  async #give({ _id, origin, events, hasGap }: EventRow): Promise<void> {
    if (this.#isStopped) return;
    if (_id > (this.#number ?? 0) + 1) this.#follower.missed();
    this.#number = _id;
    await this.#follower.entry({ origin, events, hasGap });
  }
}
