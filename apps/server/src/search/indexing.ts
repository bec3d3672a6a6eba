/**
 * Keeps the search index up with the texts: a while after somebody stopped writing, and now and then while they
 * write. What a stopped server left behind is caught up with at the next start.
 */
import type { DocumentText } from '@concord/ot';
import type { DocumentId } from '@concord/protocol';
import type { Documents } from '../document/documents.ts';
import { textAtVersion } from '../document/open-document.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** After the last change. */
const QUIET_MS = 2_000;
/** While changes keep coming: a search may be that much behind. */
const LATEST_MS = 15_000;
/** Documents asked for at a time when catching up. */
const BEHIND_AT_ONCE = 50;

export interface SearchIndexingOptions {
  readonly store: Store;
  readonly documents: Pick<Documents, 'running'>;
  readonly log: Log;
}

interface Waiting {
  readonly timer: NodeJS.Timeout;
  /** Milliseconds since 1970 by which it is indexed, whatever still changes. */
  readonly latestAt: number;
}

export class SearchIndexing {
  readonly #options: SearchIndexingOptions;
  readonly #waiting = new Map<DocumentId, Waiting>();
  /** One document after the other: an index is never worth a document's latency. */
  #queue: Promise<void> = Promise.resolve();
  readonly #queued = new Set<DocumentId>();
  #isStopped = false;

  constructor(options: SearchIndexingOptions) {
    this.#options = options;
  }

  /** Catches up, in the background, with what was not indexed before the server stopped. */
  start(): void {
    this.#queue = this.#queue.then(() => this.#catchUp());
  }

  /** The text of the document changed; may be called for every commit. */
  changed(documentId: DocumentId): void {
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

  /** Resolves when nothing is being indexed any more. What waits is left for the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    await this.#queue;
  }

  #enqueue(documentId: DocumentId): void {
    this.#waiting.delete(documentId);
    if (this.#queued.has(documentId)) return;
    this.#queued.add(documentId);
    this.#queue = this.#queue.then(async () => {
      // Before the text is read: a change after this is another turn.
      this.#queued.delete(documentId);
      await this.#index(documentId);
    });
  }

  async #catchUp(): Promise<void> {
    const tried = new Set<DocumentId>();
    while (!this.#isStopped) {
      const behind = await this.#behind();
      const fresh = behind.filter((id) => !tried.has(id));
      // What cannot be indexed stays behind; it is not tried for ever.
      if (fresh.length === 0) return;
      for (const id of fresh) {
        if (this.#isStopped) return;
        tried.add(id);
        await this.#index(id);
      }
    }
  }

  async #behind(): Promise<readonly DocumentId[]> {
    const { store, log } = this.#options;
    try {
      return await store.search.behind(BEHIND_AT_ONCE);
    } catch (error) {
      log.error({ err: error }, 'reading what is not in the search index failed');
      return [];
    }
  }

  async #index(documentId: DocumentId): Promise<void> {
    if (this.#isStopped) return;
    const { store, log } = this.#options;
    try {
      const read = await this.#read(documentId);
      if (read !== null) await store.search.put(documentId, read.version, read.text.toString());
    } catch (error) {
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
    const { store, documents } = this.#options;
    const running = documents.running(documentId);
    if (running !== undefined) return { version: running.version, text: running.text };
    if ((await store.documents.get(documentId)) === null) return null;
    const version = await store.log.headVersion(documentId);
    return { version, text: await textAtVersion(store, documentId, version) };
  }
}
