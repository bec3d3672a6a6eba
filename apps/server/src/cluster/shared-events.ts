/**
 * Domain events between nodes: subscribers of this process hear of an event at once, as they do on one machine, and
 * those of other nodes by the feed of the database (docs/cluster.md, Events).
 *
 *   publish ─▶ subscribers here
 *          └─▶ waiting (bounded, without repetitions) ─▶ one entry at a time ─▶ feed ─▶ subscribers of other nodes
 *
 * Publishing neither waits for the feed nor fails by it. What is lost on the way is told as `eventsMissed`.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  InProcessEvents,
  type DomainEvent,
  type DomainEventHandler,
  type DomainEvents,
  type DomainEventType,
} from '../platform/domain-events.ts';
import { FewLines } from '../platform/few-lines.ts';
import type { Guard } from '../platform/guard.ts';
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { EventFeed, FeedEntry } from '../store/ports/event-feed.ts';
import type { Store } from '../store/ports/store.ts';
import { receivedEvent, sentEvent } from './event-reach.ts';

/** Some megabytes at most. More are given up together: that others read everything again costs less then. */
const WAITING_MAX = 10_000;
/** An entry is one row of the database, far below its limit of 16 MB. */
const EVENTS_PER_ENTRY = 500;
const CHARACTERS_PER_ENTRY = 256 * 1024;
/** Subscribers that are not done before the next entry is taken. */
const DELIVERING_MAX = 1_000;
const AGAIN_MS = 1_000;
/** A node that stops tells the others so long what it still has to tell. */
const LAST_ENTRIES_MS = 2_000;

export interface SharedEventsOptions {
  readonly feed: EventFeed;
  readonly guard: Pick<Guard, 'run'>;
  readonly log: Pick<Log, 'error'>;
}

export class SharedEvents implements DomainEvents {
  readonly #options: SharedEventsOptions;
  readonly #local: InProcessEvents;
  readonly #fewLines: FewLines;
  /** Of this process, never used again. */
  readonly #origin = randomUUID();
  /** As they are sent, oldest first. Equal ones are one: who gets it reads what the store has by then. */
  readonly #waiting = new Set<string>();
  #hasGap = false;
  #sending: Promise<void> | null = null;
  readonly #delivering = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #stopFollowing: (() => Promise<void>) | null = null;
  #missedTimes = 0;

  constructor(options: SharedEventsOptions) {
    this.#options = options;
    this.#local = new InProcessEvents(options.guard);
    this.#fewLines = new FewLines(options.log);
  }

  publish(event: DomainEvent): Promise<void> {
    const heard = this.#local.publish(event);
    const sent = sentEvent(event);
    if (sent !== null) this.#send(sent);
    return heard;
  }

  subscribe<Type extends DomainEventType>(
    type: Type,
    handler: DomainEventHandler<Type>,
  ): () => void {
    return this.#local.subscribe(type, handler);
  }

  /** Events that wait to be told to other nodes. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** How often subscribers were told that events of others may not have arrived. */
  get missedTimes(): number {
    return this.#missedTimes;
  }

  /** Hears other nodes from now on. */
  start(): void {
    this.#stopFollowing ??= this.#options.feed.follow({
      entry: (entry) => this.#received(entry),
      missed: () => this.#missed(),
      failed: (error) => this.#fewLines.error({ err: error }, 'events of other nodes cannot be read; it is tried again'), // prettier-ignore
    });
  }

  /** Tells what waits, for a moment at most, and hears nothing more. */
  async stop(): Promise<void> {
    const timer = new AbortController();
    const late = pause(LAST_ENTRIES_MS, undefined, { signal: timer.signal, ref: false });
    await Promise.race([this.#sending, late.catch(() => {})]);
    timer.abort();
    this.#stopping.abort();
    await this.#stopFollowing?.();
  }

  #send(event: string): void {
    if (this.#waiting.size >= WAITING_MAX) {
      this.#waiting.clear();
      this.#hasGap = true;
    }
    this.#waiting.add(event);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    if (this.#waiting.size === 0 || this.#stopping.signal.aborted) return;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      // Published since the last entry was written.
      this.#sendWaiting();
    });
  }

  async #sendAll(): Promise<void> {
    // Those that are published in the same turn of the event loop are one entry.
    await Promise.resolve();
    while (this.#waiting.size > 0 && !this.#stopping.signal.aborted) {
      const entry = { origin: this.#origin, events: this.#next(), hasGap: this.#hasGap };
      this.#hasGap = false;
      await this.#append(entry);
    }
  }

  #next(): string[] {
    const events: string[] = [];
    let characters = 0;
    for (const event of this.#waiting) {
      characters += event.length;
      if (events.length >= EVENTS_PER_ENTRY || (events.length > 0 && characters > CHARACTERS_PER_ENTRY)) break; // prettier-ignore
      events.push(event);
    }
    for (const event of events) this.#waiting.delete(event);
    return events;
  }

  /** Again and again until it is written: meanwhile others wait, and are given up when they are too many. */
  async #append(entry: FeedEntry): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        return await this.#options.feed.append(entry);
      } catch (error) {
        this.#fewLines.error({ err: error }, 'other nodes cannot be told what changed; it is tried again'); // prettier-ignore
        await pause(AGAIN_MS, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }

  async #received({ origin, events, hasGap }: FeedEntry): Promise<void> {
    if (origin === this.#origin) return;
    if (hasGap) this.#missed();
    for (const sent of events) {
      const event = receivedEvent(sent);
      if (event === null) this.#missed();
      else this.#deliver(event);
    }
    // One that takes long, such as of a document that is being opened, holds no other up.
    if (this.#delivering.size > DELIVERING_MAX) await Promise.all(this.#delivering);
  }

  #missed(): void {
    this.#missedTimes += 1;
    this.#deliver({ type: 'eventsMissed' });
  }

  #deliver(event: DomainEvent): void {
    const delivered = this.#local.publish(event);
    this.#delivering.add(delivered);
    void delivered.then(() => this.#delivering.delete(delivered));
  }
}

/** The events of a server: of this process alone where its store is, else of all nodes of the database. */
export function eventsBetweenNodes({
  store,
  guard,
  log,
  metrics,
}: {
  readonly store: Pick<Store, 'shared'>;
  readonly guard: Guard;
  readonly log: Log;
  readonly metrics: Pick<ServerMetrics, 'observeSharedEvents'>;
}): { readonly events: DomainEvents; readonly stopEvents: () => Promise<void> } {
  if (store.shared === null) {
    return { events: new InProcessEvents(guard), stopEvents: async () => {} };
  }
  const events = new SharedEvents({ feed: store.shared.events, guard, log });
  metrics.observeSharedEvents(
    () => events.waiting,
    () => events.missedTimes,
  );
  events.start();
  return { events, stopEvents: () => events.stop() };
}
