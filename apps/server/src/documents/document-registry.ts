/** The documents that this process owns: opened on demand, unloaded when idle. */
import { DOCUMENT_MEMORY_BYTES, type DocumentId, type Limits } from '@concord/protocol';
import type { DomainEventOf, DomainEvents } from '../platform/domain-events.ts';
import { Guard } from '../platform/guard.ts';
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { DocumentRevision } from '../store/ports/access-store.ts';
import { CorruptionError, StoreError, type Store } from '../store/ports/store.ts';
import { DamagedDocuments } from './damaged-documents.ts';
import { DocumentFaults } from './document-faults.ts';
import { DocumentMemory } from './document-memory.ts';
import { OldEdits } from './old-edits.ts';
import { checkpointOf, openDocument, type Opened } from './open-document.ts';
import type { OperationTraces } from './operation-traces.ts';
import { DocumentRunner } from './document-runner.ts';
import { NotHereError } from './not-here-error.ts';
import { ownedSessions } from './owned-sessions.ts';
import {
  LocalOwnership,
  type AcquireOptions,
  type LeftDocument,
  type Ownership,
  type OwnershipTerm,
} from './ownership.ts';
import type { Rechecked, SessionTransport } from './runner-ports.ts';

/** Documents leave memory a moment after others were opened. */
const SHRINK_MS = 50;

export interface DocumentRegistryOptions {
  readonly store: Store;
  readonly limits: Limits;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly fatal: (error: Error) => void;
  /** Who owns which document; this process all of them when left out. */
  readonly ownership?: Ownership;
  /** What open documents without sessions may take; a default when left out. */
  readonly memoryBytes?: number;
  /** Null, or left out, when nothing is traced. */
  readonly traces?: OperationTraces | null;
  /** Tell the owners what changed in the store, and are told of every commit. */
  readonly events: DomainEvents;
}

export class DocumentRegistry {
  /** Those that were found damaged, here or by other readers of the store. */
  readonly damaged: DamagedDocuments;
  readonly #options: DocumentRegistryOptions;
  readonly #ownership: Ownership;
  readonly #guard: Guard;
  readonly #faults = new DocumentFaults();
  readonly #oldEdits = new OldEdits();
  readonly #opening = new Map<DocumentId, Promise<DocumentRunner | null>>();
  /** Those that are being opened and may have another owner meanwhile. */
  readonly #lostWhileOpening = new Set<DocumentId>();
  readonly #running = new Map<DocumentId, DocumentRunner>();
  readonly #memory: DocumentMemory<DocumentRunner>;
  #isShrinking = false;
  #sessions: SessionTransport | null = null;
  #isStopping = false;
  readonly #revisionsWanted = new Set<DocumentId>();
  #revisions: Promise<ReadonlyMap<DocumentId, DocumentRevision>> | null = null;

  constructor(options: DocumentRegistryOptions) {
    this.#options = options;
    this.#ownership = options.ownership ?? new LocalOwnership(options.store.log);
    this.#guard = new Guard(options);
    this.damaged = new DamagedDocuments(options.log);
    const { metrics, memoryBytes = DOCUMENT_MEMORY_BYTES } = options;
    this.#memory = new DocumentMemory(memoryBytes, () => metrics.workRefused('memory'));
    options.metrics.observe(
      () => this.#running.size,
      () => [...this.#running.values()].reduce((sum, each) => sum + each.sessionCount, 0),
      () => this.damaged.count,
    );
    const { events } = options;
    events.subscribe('documentRenamed', (event) => this.#renamed(event));
    events.subscribe('personRenamed', (event) => this.#personRenamed(event));
    events.subscribe('accessChanged', ({ documentId }) => this.#accessChanged(documentId));
    events.subscribe('documentPurging', ({ documentId }) => this.#removed(documentId));
    events.subscribe('documentPurged', ({ documentId }) => this.#removed(documentId));
    events.subscribe('eventsMissed', () => this.#recheckAll());
  }

  /** Where frames go; set once, before the first document is opened. */
  connect(sessions: SessionTransport): void {
    this.#sessions = ownedSessions(sessions, this.#ownership);
  }

  /** The document if it is in memory. */
  running(id: DocumentId): DocumentRunner | undefined {
    return this.#running.get(id);
  }

  /** Whether this process may answer for its documents at this very moment: {@link Ownership.mayAnswer}. */
  mayAnswer(): boolean {
    return this.#ownership.mayAnswer();
  }

  /**
   * Opens the document, or waits while it is being opened. Null when there is none. Rejects with
   * {@link NotHereError} when another node has it, and as opening it did last while a document that cannot be opened
   * rests.
   */
  open(
    id: DocumentId,
    options: AcquireOptions = { isForwarded: false },
  ): Promise<DocumentRunner | null> {
    const running = this.#running.get(id);
    if (running !== undefined) {
      this.#memory.used(id, running);
      return Promise.resolve(running);
    }
    if (this.#isStopping) return Promise.reject(new StoreError('The server is stopping.', false));
    const fault = this.#faults.resting(id);
    if (fault !== null) return Promise.reject(whileResting(fault));
    const underWay = this.#opening.get(id);
    if (underWay !== undefined) {
      return options.isForwarded ? this.#openForwarded(id, underWay) : underWay;
    }
    const opening = this.#open(id, options);
    this.#opening.set(id, opening);
    return opening;
  }

  /** The client that asked first may be sent to another node; one that was sent here by a node may not. */
  async #openForwarded(
    id: DocumentId,
    underWay: Promise<DocumentRunner | null>,
  ): Promise<DocumentRunner | null> {
    try {
      return await underWay;
    } catch (error) {
      if (!(error instanceof NotHereError)) throw error;
      return this.open(id, { isForwarded: true });
    }
  }

  /**
   * Closes the document so that another process may open it: nothing more is taken in, what was is made durable,
   * a checkpoint is written, sessions are sent elsewhere. Resolves when it was released.
   */
  async close(id: DocumentId): Promise<void> {
    await (await this.#inMemory(id))?.handOver();
  }

  /** Another process may own the document by now: it leaves memory at once, without a write. */
  drop(id: DocumentId): void {
    this.#running.get(id)?.drop();
    if (this.#opening.has(id)) this.#lostWhileOpening.add(id);
  }

  /** Finishes commits, writes checkpoints, sends all sessions elsewhere. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.allSettled(this.#opening.values());
    await Promise.all([...this.#running.values()].map((document) => document.stop()));
  }

  /** Also when it is being opened just now: what it read may be from before the change. */
  async #inMemory(id: DocumentId): Promise<DocumentRunner | null> {
    // Opening it failed: it will read what is new when it is opened next.
    return this.#running.get(id) ?? (await this.#opening.get(id)?.catch(() => null)) ?? null;
  }

  async #renamed(event: DomainEventOf<'documentRenamed'>): Promise<void> {
    const { documentId, title, titleVersion, renameId } = event;
    const document = await this.#inMemory(documentId);
    document?.dispatch({ type: 'renamed', title, titleVersion, renameId });
  }

  #personRenamed({ userId, name }: DomainEventOf<'personRenamed'>): void {
    for (const document of this.#running.values()) {
      document.dispatch({ type: 'personRenamed', userId, name });
    }
  }

  /** A lost event is made up for within ACCESS_CHECK_MS, when the owner asks by itself. */
  async #accessChanged(id: DocumentId): Promise<void> {
    const { store, log } = this.#options;
    const document = await this.#inMemory(id);
    if (document === null) return;
    try {
      const access = await store.access.get(id);
      document.dispatch(access === null ? { type: 'removed' } : { type: 'accessChanged', access });
    } catch (error) {
      if (this.#running.get(id) !== document) return;
      log.warn({ document: id, err: error }, 'reading who has access failed; it is read again');
    }
  }

  /** Every open document compares its access epoch and its title with the store now, not at the next interval. */
  #recheckAll(): void {
    for (const document of this.#running.values()) {
      document.dispatch({ type: 'timer', name: 'access' });
    }
  }

  /** Its sessions are ended, and nothing more is written. */
  async #removed(id: DocumentId): Promise<void> {
    (await this.#inMemory(id))?.dispatch({ type: 'removed' });
  }

  async #open(id: DocumentId, options: AcquireOptions): Promise<DocumentRunner | null> {
    const { store, limits, metrics, log, fatal, events } = this.#options;
    let acquiring: Promise<OwnershipTerm | null> | null = null;
    let isTaken = false;
    try {
      const startedAt = performance.now();
      this.damaged.refuse(id);
      acquiring = this.#ownership.acquire(id, options);
      const opened = await openDocument(store, id, limits, acquiring);
      const term = await acquiring;
      if (opened === null || term === null || this.#sessions === null) return null;
      if (this.#lostWhileOpening.has(id)) throw openedAgain();
      void this.#replaceCheckpoint(id, opened);
      let isLost = false;
      const lost = (left: LeftDocument): void => {
        isLost = true;
        this.#running.delete(id);
        this.#memory.left(id);
        this.#ownership.release(id, term, left);
      };
      isTaken = true;
      const document = new DocumentRunner({
        opened,
        term,
        store,
        sessions: this.#sessions,
        metrics,
        log,
        guard: this.#guard,
        oldEdits: this.#oldEdits,
        traces: this.#options.traces ?? null,
        recheck: (known) => this.#recheck(id, known),
        changed: () => void events.publish({ type: 'textChanged', documentId: id }),
        damaged: (error) => this.damaged.found(id, error, 'writing'),
        unloaded: lost,
        faulted: (error, userId) => this.#faults.add(id, error, userId),
        fatal,
      });
      // It may have thrown at the first question already.
      if (isLost) throw openedAgain();
      this.#running.set(id, document);
      this.#memory.used(id, document);
      this.#makeRoom();
      metrics.opened(performance.now() - startedAt);
      return document;
    } catch (error) {
      this.damaged.found(id, error, 'reading');
      // A store that cannot read now says so by itself, and may be asked again at once.
      const isFault = !(error instanceof StoreError) && !(error instanceof NotHereError);
      if (isFault && error instanceof Error) this.#faults.add(id, error);
      throw error;
    } finally {
      // Before it can be opened again.
      if (!isTaken) await this.#giveBack(id, acquiring);
      this.#opening.delete(id);
      this.#lostWhileOpening.delete(id);
    }
  }

  /** Of a document that was not opened after all. */
  async #giveBack(id: DocumentId, acquiring: Promise<OwnershipTerm | null> | null): Promise<void> {
    const term = await acquiring?.catch(() => null);
    if (term === null || term === undefined) return;
    // Nothing was appended under this term.
    const left = { head: term.head ?? 0, isClean: term.head !== null };
    this.#ownership.release(id, term, left);
  }

  /** The text was replayed from the log: the next opening need not do that again. */
  async #replaceCheckpoint(id: DocumentId, { document, damagedCheckpoint }: Opened): Promise<void> {
    const { store, log } = this.#options;
    if (damagedCheckpoint === null) return;
    log.warn(
      { document: id, err: damagedCheckpoint.error },
      'a checkpoint is damaged; the text was made again from the log',
    );
    try {
      await store.checkpoints.discardAfter(id, damagedCheckpoint.after);
      const { text, version, effectState } = document;
      await store.checkpoints.write(id, await checkpointOf(text, version, effectState));
    } catch (error) {
      log.error({ document: id, err: error }, 'replacing a damaged checkpoint failed');
    }
  }

  /** Soon, for all that were opened meanwhile. */
  #makeRoom(): void {
    if (this.#isShrinking) return;
    this.#isShrinking = true;
    setTimeout(() => {
      this.#isShrinking = false;
      this.#memory.shrink();
    }, SHRINK_MS).unref();
  }

  /** Batches the access-epoch checks of all open documents into one query per turn of the event loop. */
  async #recheck(id: DocumentId, known: DocumentRevision): Promise<Rechecked | null> {
    const { access, documents } = this.#options.store;
    this.#revisions ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      const ids = [...this.#revisionsWanted];
      this.#revisionsWanted.clear();
      this.#revisions = null;
      return access.revisions(ids);
    });
    this.#revisionsWanted.add(id);
    const found = (await this.#revisions).get(id);
    if (found === undefined) return null;
    const [newAccess, named] = await Promise.all([
      found.epoch === known.epoch ? null : access.get(id),
      found.titleVersion === known.titleVersion ? null : documents.get(id),
    ]);
    return { access: newAccess, named };
  }
}

/** Damage is said as it is: waiting does not repair it. */
function whileResting(fault: Error): Error {
  return fault instanceof CorruptionError ? fault : openedAgain(fault);
}

function openedAgain(cause?: Error): StoreError {
  const detail = 'The document is opened again in a moment.';
  return new StoreError(detail, false, cause === undefined ? {} : { cause });
}
