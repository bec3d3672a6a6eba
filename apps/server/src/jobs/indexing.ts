/**
 * Updates the search index from the texts: debounced after changes, with a maximum delay while changes continue. A
 * sweep at the start, and every minute, indexes whatever is missing: changes before a stop, all texts after the index
 * was rebuilt, and texts too long to be indexed on creation.
 *
 * One document is indexed at a time, and a sweep pauses after each for as long as it took, so that catching up costs at
 * most half of one core.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DocumentText } from '@concord/ot';
import type { DocumentId } from '@concord/protocol';
import type { DocumentHandles } from '../documents/document-handle.ts';
import type { DomainEventOf, DomainEvents } from '../platform/domain-events.ts';
import { textAtVersion } from '../documents/open-document.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/ports/store.ts';

/** Debounce: delay after the last change. */
const QUIET_MS = 2_000;
/** Maximum delay while changes continue: bounds the staleness of searches. */
const LATEST_MS = 15_000;
/** Documents per query when catching up. */
const BEHIND_PER_QUERY = 50;
/** From the end of a sweep to the beginning of the next. */
const SWEEP_EVERY_MS = 60_000;
/** Retry delay of a document that could not be indexed because it is damaged. */
const FAILED_AGAIN_MS = 60 * 60_000;

export interface SearchIndexingOptions {
  readonly store: Store;
  readonly handles: Pick<DocumentHandles, 'inMemory'>;
  readonly log: Log;
  /** Say which documents are new, and which changed. */
  readonly events: Pick<DomainEvents, 'subscribe'>;
  /** Whether this server sweeps now, when there are several; alone it always does. */
  readonly isMyTurn?: () => Promise<boolean>;
}

interface Waiting {
  readonly timer: NodeJS.Timeout;
  /** Milliseconds since 1970 by which it is indexed, whatever still changes. */
  readonly latestAt: number;
}

export class SearchIndexing {
  readonly #options: SearchIndexingOptions;
  readonly #waiting = new Map<DocumentId, Waiting>();
  /** Serialises indexing, so that it does not add to the latency of documents. */
  #queue: Promise<void> = Promise.resolve();
  readonly #queued = new Set<DocumentId>();
  /** When documents that could not be indexed were tried, in milliseconds since 1970. */
  readonly #failedAt = new Map<DocumentId, number>();
  #sweep: Promise<void> | null = null;
  /** Ends the rest between two sweeps. */
  #sweepSoon = new AbortController();
  readonly #stopping = new AbortController();

  constructor(options: SearchIndexingOptions) {
    this.#options = options;
    options.events.subscribe('textChanged', ({ documentId }) => this.#changed(documentId));
    options.events.subscribe('documentCreated', (event) => this.#created(event));
  }

  /** Starts sweeping in the background; called again after the index was rebuilt, it sweeps at once. */
  start(): void {
    this.#sweepSoon.abort();
    this.#sweep ??= this.#sweepAgainAndAgain();
  }

  /** Resolves when nothing is being indexed any more. What waits is left for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    await this.#sweep;
    await this.#queue;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  get #isPaused(): boolean {
    return this.#options.store.room.current().isPaused;
  }

  /** Indexes a new document at once, unless its text is long. */
  async #created({ documentId, version, text }: DomainEventOf<'documentCreated'>): Promise<void> {
    if (this.#isStopped || version === 0 || text === null) return;
    // The next sweep indexes it if this fails.
    await this.#options.store.search.put(documentId, version, text).catch(() => undefined);
  }

  /** May be called for every commit. */
  #changed(documentId: DocumentId): void {
    if (this.#isStopped) return;
    const now = Date.now();
    const waiting = this.#waiting.get(documentId);
    clearTimeout(waiting?.timer);
    const latestAt = waiting?.latestAt ?? now + LATEST_MS;
    const timer = setTimeout(
      () => this.#enqueue(documentId),
      Math.min(QUIET_MS, Math.max(0, latestAt - now)),
    );
    timer.unref();
    this.#waiting.set(documentId, { timer, latestAt });
  }

  #enqueue(documentId: DocumentId): void {
    this.#waiting.delete(documentId);
    if (!this.#queued.has(documentId)) void this.#inTurn(documentId);
  }

  /** Resolves when the document is indexed, after those before it. */
  #inTurn(documentId: DocumentId): Promise<void> {
    this.#queued.add(documentId);
    this.#queue = this.#queue.then(async () => {
      // Before the text is read: a change after this is another turn.
      this.#queued.delete(documentId);
      await this.#index(documentId);
    });
    return this.#queue;
  }

  async #sweepAgainAndAgain(): Promise<void> {
    while (!this.#isStopped) {
      this.#sweepSoon = new AbortController();
      if (await this.#isMyTurn()) await this.#catchUp();
      await this.#rest(SWEEP_EVERY_MS, this.#sweepSoon.signal);
    }
  }

  /** Without an answer another server may be sweeping: the next one is in a minute. */
  async #isMyTurn(): Promise<boolean> {
    const { isMyTurn = async () => true, log } = this.#options;
    return isMyTurn().catch((error: unknown) => {
      log.error({ err: error }, 'whether another server indexes is not known');
      return false;
    });
  }

  async #catchUp(): Promise<void> {
    let after: DocumentId | null = null;
    do {
      // A long sweep renews its turn with each page.
      if (after !== null && !(await this.#isMyTurn())) return;
      const behind: readonly DocumentId[] = await this.#behind(after);
      after = behind.at(-1) ?? null;
      for (const id of behind) {
        if (this.#isStopped || this.#isPaused) return;
        // What is being written now has its own turn; what is damaged stays behind.
        if (this.#waiting.has(id) || this.#hasFailed(id)) continue;
        const startedAt = performance.now();
        await this.#inTurn(id);
        await this.#rest(performance.now() - startedAt);
      }
    } while (after !== null && !this.#isStopped);
  }

  /** Resolves after that time, or when this is stopped or the signal is aborted. */
  async #rest(ms: number, signal?: AbortSignal): Promise<void> {
    const stopping = this.#stopping.signal;
    const either = signal === undefined ? stopping : AbortSignal.any([stopping, signal]);
    await delay(ms, undefined, { signal: either, ref: false }).catch(() => {});
  }

  #hasFailed(documentId: DocumentId): boolean {
    const failedAt = this.#failedAt.get(documentId);
    return failedAt !== undefined && Date.now() - failedAt < FAILED_AGAIN_MS;
  }

  async #behind(after: DocumentId | null): Promise<readonly DocumentId[]> {
    const { store, log } = this.#options;
    try {
      return await store.search.behind(BEHIND_PER_QUERY, after);
    } catch (error) {
      log.error({ err: error }, 'reading what is not in the search index failed');
      return [];
    }
  }

  async #index(documentId: DocumentId): Promise<void> {
    // While saving is paused the index must not take the remaining disk space; a sweep catches up afterwards.
    if (this.#isStopped || this.#isPaused) return;
    const { store, log } = this.#options;
    try {
      const read = await this.#read(documentId);
      if (read !== null) await store.search.put(documentId, read.version, read.text.toString());
      this.#failedAt.delete(documentId);
    } catch (error) {
      this.#failedAt.set(documentId, Date.now());
      log.error(
        { document: documentId, err: error },
        'putting a document into the search index failed',
      );
    }
  }

  /** Not by opening it: catching up must not bring thousands into memory. Null when it is deleted. */
  async #read(
    documentId: DocumentId,
  ): Promise<{ readonly version: number; readonly text: DocumentText } | null> {
    const { store, handles } = this.#options;
    const opened = await handles.inMemory(documentId);
    if (opened !== null) return opened.text();
    if ((await store.documents.get(documentId)) === null) return null;
    const version = await store.log.headVersion(documentId);
    return { version, text: await textAtVersion(store, documentId, version) };
  }
}
