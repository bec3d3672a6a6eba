/** Runs the owner of one document: carries out its effects over store, timers and sockets. Holds no rules. */
import type { DocumentText } from '@concord/ot';
import type { ClientId, DocumentId, Head, MovedMessage } from '@concord/protocol';
import { WorkExceededError } from '../platform/sliced-work.ts';
import type { DocumentRevision } from '../store/ports/access-store.ts';
import {
  DuplicateBatchError,
  FencedError,
  StoreError,
  type Batch,
  type Checkpoint,
  type ClientPosition,
  type LoggedOperation,
} from '../store/ports/store.ts';
import { StoreUnavailableError } from '../store/ports/store-unavailable.ts';
import { ApiEditor, EditRejectedError, type ApiEdit } from './api-editor.ts';
import { API_CLIENT_PREFIX } from './core/api-clients.ts';
import type { DocumentEffect, DocumentInput, DocumentTimer } from './core/document-messages.ts';
import { DocumentOwner } from './core/document-owner.ts';
import { isSameOperation } from './core/join-history.ts';
import { DOCUMENT_OVERHEAD_BYTES } from './document-memory.ts';
import { KeptTexts } from './kept-texts.ts';
import { loadForJoin } from './load-for-join.ts';
import { textAtVersion } from './open-document.ts';
import type { DocumentRunnerOptions } from './runner-ports.ts';
import { Snapshots, type Snapshotted } from './snapshots.ts';

/** A client that came back so often in vain is logged: once or twice, a bad network does it. */
const REPORTED_AFTER_JOINS = 10;
/**
 * Clients of one document that is handed over come back within this, and longer by some for each of them: theirs is the
 * only document that moves now, so that they need not wait as long as after the stop of a whole server.
 */
const HANDED_OVER: MovedMessage = { minDelayMs: 50, maxDelayMs: 300 };
const HANDED_OVER_EACH_MS = 5;
const HANDED_OVER_MAX_MS = 2_000;

export class DocumentRunner {
  readonly #owner: DocumentOwner;
  readonly #documentId: DocumentId;
  readonly #options: DocumentRunnerOptions;
  readonly #timers = new Map<DocumentTimer, NodeJS.Timeout>();
  readonly #edits: ApiEditor;
  readonly #snapshots: Snapshots;
  readonly #texts = new KeptTexts();
  /** The newest version that the log is known to have. */
  #head: number;
  #isAppending = false;
  #hasFailedToAppend = false;
  #isDropped = false;
  /** How its sessions are sent to the next owner; null for as the owner says. */
  #moved: MovedMessage | null = null;
  #isGone = false;
  /** The owner threw: its state is not to be trusted, and never asked again. */
  #isBroken = false;
  /** User ids of the sessions that joined or are about to: they are told here when the owner cannot tell them. */
  readonly #present = new Map<number, string>();
  #holds = 0;
  #waitingForUnload: (() => void)[] = [];

  constructor(options: DocumentRunnerOptions) {
    this.#options = options;
    const { document, checkpoint } = options.opened;
    this.#documentId = document.documentId;
    this.#head = document.version + document.tail.length;
    this.#owner = new DocumentOwner(document);
    this.#snapshots = new Snapshots(checkpoint);
    this.#edits = new ApiEditor(this.#owner, options, (input) => this.dispatch(input));
    this.dispatch({ type: 'read' });
  }

  get version(): number {
    return this.#owner.version;
  }
  get title(): string {
    return this.#owner.title;
  }
  get sessionCount(): number {
    return this.#owner.sessionCount;
  }
  /** {@link drop} was called. */
  get isDropped(): boolean {
    return this.#isDropped;
  }
  /** The durable text. */
  get text(): DocumentText {
    this.dispatch({ type: 'read' });
    const text = this.#durableText();
    this.#texts.keep(this.#owner.version, text);
    return text;
  }

  /** About how many bytes of memory it takes. */
  get memoryBytes(): number {
    const texts = 2 * this.#texts.units + this.#snapshots.bytes;
    return DOCUMENT_OVERHEAD_BYTES + this.#owner.memoryBytes + texts;
  }

  /** People are in it, or an answer is being made from it. */
  get isInUse(): boolean {
    return this.sessionCount > 0 || this.#edits.isBusy || this.#holds > 0;
  }

  /** Keeps the document in memory while an answer is made from it. */
  async whileHeld<T>(make: () => Promise<T>): Promise<T> {
    this.#holds += 1;
    try {
      return await make();
    } finally {
      this.#holds -= 1;
    }
  }

  /** Leaves memory as soon as it is not needed. */
  release(): void {
    this.dispatch({ type: 'release' });
  }

  /** The text at a version; null when the document has not reached it. Rejects with StoreError, CorruptionError. */
  async textAt(version: number): Promise<DocumentText | null> {
    this.dispatch({ type: 'read' });
    if (version > this.#owner.version) return null;
    if (version === this.#owner.version) return this.#durableText();
    const kept = this.#texts.at(version);
    if (kept !== undefined) return kept;
    return textAtVersion(this.#options.store, this.#documentId, version).catch((error: unknown) => {
      throw error instanceof WorkExceededError ? new EditRejectedError('conflict') : error;
    });
  }

  /** {@link ApiEditor.edit} */
  edit(edit: ApiEdit): Promise<{ readonly version: number; readonly pieces: number }> {
    return this.#edits.edit(edit);
  }

  /** Where the log has the last operation of a person's client; null for none. Rejects with StoreError. */
  committed(clientId: ClientId, userId: string): Promise<ClientPosition | null> {
    return this.#options.store.log.positionOf(this.#documentId, clientId, userId);
  }

  /** Whether everything in the log was written by this person, and by the REST API. Rejects with StoreError. */
  isOnlyByApiOf(userId: string): Promise<boolean> {
    return this.#options.store.log.isOnlyBy(this.#documentId, userId, API_CLIENT_PREFIX);
  }

  /** The durable text, compressed, at `atLeastVersion` or newer, or null when there is no such version yet. */
  async snapshot(atLeastVersion: number): Promise<Checkpoint | null> {
    this.dispatch({ type: 'read' });
    if (this.#owner.version < atLeastVersion) return null;
    return this.#snapshots.get(atLeastVersion, {
      version: () => this.#owner.version,
      document: () => ({ text: this.#durableText(), effectState: this.#owner.effectState }),
    });
  }

  /** Whether this log has that operation at that version. Rejects with StoreError or CorruptionError. */
  async isInLog({ version, ...identity }: Head): Promise<boolean> {
    const own = await this.operationAt(version);
    return own !== null && isSameOperation(identity, own);
  }

  /** The durable operation that produced a version, or null. Rejects with StoreError or CorruptionError. */
  async operationAt(version: number): Promise<LoggedOperation | null> {
    if (version < 1) return null;
    const kept = this.#owner.operationAt(version);
    if (kept !== undefined) return kept;
    const [read] = await this.#options.store.log.read(this.#documentId, version - 1, 1);
    return read ?? null;
  }

  /** Hands the owner an input. Never throws: a fault of the owner gives this document up, and no other. */
  dispatch(input: DocumentInput): void {
    if (this.#isBroken) return this.#refuseWhenBroken(input);
    if (input.type === 'join') this.#present.set(input.session, input.userId);
    if (input.type === 'left') this.#present.delete(input.session);
    try {
      for (const effect of this.#step(input)) this.#run(effect);
    } catch (error) {
      this.#giveUp(error, 'session' in input ? input.session : null);
    }
  }

  #step(input: DocumentInput): readonly DocumentEffect[] {
    const { traces } = this.#options;
    if (traces === null) return this.#owner.step(input, Date.now());
    return traces.step(this.#documentId, input, () => this.#owner.step(input, Date.now()));
  }

  /** Throws StoreError when it cannot be told. */
  #durableText(): DocumentText {
    try {
      if (!this.#isBroken) return this.#owner.text;
    } catch (error) {
      this.#giveUp(error, null);
    }
    throw new StoreError('The document is being opened again.', false);
  }

  /**
   * As after a failed append: the state is dropped, never repaired. An append under way may still land; its authors
   * find it in the log when they join again.
   * @param culprit the session whose message the owner threw at
   */
  #giveUp(error: unknown, culprit: number | null): void {
    const { guard, sessions, metrics, faulted } = this.#options;
    this.#isBroken = true;
    guard.caught('document', error, { document: this.#documentId });
    const userId = culprit === null ? null : (this.#present.get(culprit) ?? null);
    const isRepeated = faulted(error instanceof Error ? error : new Error(String(error)), userId);
    for (const session of this.#present.keys()) {
      if (isRepeated && session === culprit) {
        const detail =
          'The server cannot handle what this page sends. Your text stays on this device: copy it, ' +
          'and reload the page.';
        metrics.refused('malformedMessage');
        sessions.send(session, {
          type: 'refused',
          body: { code: 'malformedMessage', retryable: false, detail },
        });
      } else {
        sessions.send(session, { type: 'moved', body: { minDelayMs: 100, maxDelayMs: 2_000 } });
      }
      sessions.unjoined(session, this.#documentId);
      sessions.dismissed(session);
    }
    this.#present.clear();
    this.#edits.rejectAll();
    this.#unload();
  }

  /** What comes after, until the sender notices. */
  #refuseWhenBroken(input: DocumentInput): void {
    if (input.type === 'edit') this.#edits.rejected(input.ticket, 'storeUnavailable');
    if (input.type !== 'join') return;
    const { sessions, metrics } = this.#options;
    const detail = 'The document is opened again. Your text is kept; it is tried again by itself.';
    metrics.refused('storeUnavailable');
    sessions.send(input.session, {
      type: 'refused',
      body: { code: 'storeUnavailable', retryable: true, detail },
    });
    sessions.dismissed(input.session);
  }

  /** Stops orderly. Resolves when everything is durable and checkpointed. */
  stop(): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    const unloaded = new Promise<void>((resolve) => this.#waitingForUnload.push(resolve));
    this.dispatch({ type: 'stop' });
    return unloaded;
  }

  /** As {@link stop}, so that another process may own the document: its sessions go there. */
  handOver(): Promise<void> {
    const maxDelayMs = HANDED_OVER.maxDelayMs + HANDED_OVER_EACH_MS * this.#present.size;
    this.#moved = { ...HANDED_OVER, maxDelayMs: Math.min(maxDelayMs, HANDED_OVER_MAX_MS) };
    return this.stop();
  }

  /** Another process may own the document by now: its state is dropped at once, and its sessions are sent elsewhere. */
  drop(): void {
    this.#isDropped = true;
    this.dispatch({ type: 'appendFailed', reason: 'duplicate' });
  }

  #run(effect: DocumentEffect): void {
    const { sessions, metrics } = this.#options;
    switch (effect.type) {
      case 'flushSoon':
        // After the poll phase: whatever all sockets brought in this turn of the event loop.
        setImmediate(() => this.dispatch({ type: 'flush' }));
        return;
      case 'append':
        return void this.#append(effect.batch);
      case 'edited':
        return this.#edits.edited(effect.ticket, effect.version);
      case 'editRejected':
        return this.#edits.rejected(effect.ticket, effect.code);
      case 'recheck':
        return void this.#recheck(effect);
      case 'broadcast':
        return sessions.broadcast(this.#documentId, effect.message, effect.except);
      case 'send':
        if (effect.message.type === 'rejected') {
          const { code, seq } = effect.message.body;
          metrics.rejected(code);
          this.#options.traces?.rejected(this.#documentId, effect.session, seq, code);
        }
        if (effect.message.type === 'refused') metrics.refused(effect.message.body.code);
        if (effect.message.type === 'moved' && this.#moved !== null) {
          return sessions.send(effect.session, { type: 'moved', body: this.#moved });
        }
        return sessions.send(effect.session, effect.message);
      case 'joined':
        return sessions.joined(effect.session, this.#documentId);
      case 'unjoined':
        return sessions.unjoined(effect.session, this.#documentId);
      case 'dismissed':
        this.#present.delete(effect.session);
        this.#options.traces?.dismissed(effect.session);
        return sessions.dismissed(effect.session);
      case 'divergence':
        return sessions.diverged(effect.session, this.#documentId, effect);
      case 'joinedInVain': {
        metrics.joinedInVain();
        if (effect.times !== REPORTED_AFTER_JOINS) return;
        const { clientId: client, times } = effect;
        const what = 'a client comes back again and again without progress';
        return this.#options.log.warn({ document: this.#documentId, client, times }, what);
      }
      case 'load':
        return void this.#load(effect);
      case 'checkpoint':
        return void this.#writeCheckpoint(effect.version, effect);
      case 'startTimer': {
        clearTimeout(this.#timers.get(effect.name));
        const { name } = effect;
        const fire = (): void => this.dispatch({ type: 'timer', name });
        this.#timers.set(name, setTimeout(fire, effect.ms));
        return;
      }
      case 'unload':
        return this.#unload();
    }
  }

  #unload(): void {
    // Another owner of this document may be in memory already.
    if (this.#isGone) return;
    this.#isGone = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    const isClean = !this.#isAppending && !this.#hasFailedToAppend;
    this.#options.unloaded({ head: this.#head, isClean });
    for (const resolve of this.#waitingForUnload.splice(0)) resolve();
  }

  async #append(batch: Batch): Promise<void> {
    const { store, metrics, term, traces } = this.#options;
    const traced = traces?.appending(batch);
    const startedAt = performance.now();
    this.#isAppending = true;
    try {
      await store.log.append({ epoch: term.epoch, ...batch });
    } catch (error) {
      this.#hasFailedToAppend = true;
      traced?.failed();
      this.#reportFailure(error, 'append');
      this.#options.damaged(error);
      const isTaken = error instanceof DuplicateBatchError || error instanceof FencedError;
      const reason = isTaken ? 'duplicate' : 'unavailable';
      return this.dispatch({ type: 'appendFailed', reason });
    }
    this.#isAppending = false;
    this.#head = batch.firstVersion + batch.operations.length - 1;
    metrics.committed(batch.operations.length, performance.now() - startedAt);
    traced?.durable();
    this.dispatch({ type: 'appended' });
    traced?.broadcast();
    void this.#options.guard.run('document', this.#options.changed);
  }

  async #load(load: Extract<DocumentEffect, { type: 'load' }>): Promise<void> {
    try {
      const operationAt = (version: number): Promise<LoggedOperation | null> =>
        this.operationAt(version);
      const { store } = this.#options;
      this.dispatch(await loadForJoin(store, this.#documentId, load, operationAt));
    } catch (error) {
      if (this.#isGone) return;
      this.#reportFailure(error, 'load');
      this.dispatch({ type: 'loadFailed', session: load.session });
    }
  }

  async #recheck(known: DocumentRevision): Promise<void> {
    try {
      const found = await this.#options.recheck(known);
      if (found === null) return this.dispatch({ type: 'removed' });
      const { access, named } = found;
      if (access !== null) this.dispatch({ type: 'accessChanged', access });
      if (named !== null) this.dispatch({ type: 'renamed', ...named, renameId: null });
    } catch (error) {
      // It left memory meanwhile: with a server that stops, the store is closed before it answers.
      if (this.#isGone) return;
      // Asked again in a few seconds.
      this.#reportFailure(error, 'reading who has access');
    }
  }

  async #writeCheckpoint(version: number, document: Snapshotted): Promise<void> {
    try {
      const checkpoint = await this.#snapshots.compress(version, document);
      if (this.#isGone) return;
      await this.#options.store.checkpoints.write(this.#documentId, checkpoint);
      this.dispatch({ type: 'checkpointed', version });
    } catch (error) {
      this.#reportFailure(error, 'checkpoint');
      this.dispatch({ type: 'checkpointFailed' });
    }
  }

  #reportFailure(error: unknown, doing: string): void {
    // That the store does not answer was logged once, not for each document and join.
    if (!(error instanceof StoreUnavailableError)) {
      this.#options.log.error({ document: this.#documentId, err: error }, `${doing} failed`);
    }
    if (error instanceof StoreError && error.fatal) this.#options.fatal(error);
  }
}
