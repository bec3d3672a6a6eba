/** Runs the owner of one document: carries out its effects over store, timers and sockets. Holds no rules. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentText, TextOperation } from '@concord/ot';
import {
  randomClientId,
  type ClientId,
  type DocumentId,
  type Head,
  type ServerMessage,
} from '@concord/protocol';
import type { Asker, DocumentAccess } from '../access/core/permissions.ts';
import type { Guard } from '../platform/guard.ts';
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { DocumentRevision } from '../store/ports/access-store.ts';
import {
  DuplicateBatchError,
  StoreError,
  StoreFullError,
  type Batch,
  type Checkpoint,
  type ClientPosition,
  type LoggedOperation,
  type Store,
} from '../store/ports/store.ts';
import { API_CLIENT_PREFIX, apiClientId } from './core/api-clients.ts';
import type {
  DocumentEffect,
  DocumentInput,
  DocumentTimer,
  EditCondition,
  EditRejection,
} from './core/document-messages.ts';
import { EDIT_TRANSFORM_COST_MAX } from './core/api-edits.ts';
import { DocumentOwner } from './core/document-owner.ts';
import { isSameOperation } from './core/join-history.ts';
import { cutToFit } from './core/edit-mover.ts';
import { checkpointOf, readLog, textAtVersion, type Opened } from './open-document.ts';
import { DOCUMENT_OVERHEAD_BYTES } from './document-memory.ts';
import { aboutBytes } from './core/recent-operations.ts';
import type { VersionedTitle } from '../store/core/rename.ts';
import { OLD_EDIT_STEPS_MAX, type MovedEdit, type OldEdits } from './old-edits.ts';
import { WorkExceededError } from '../platform/sliced-work.ts';

/** The sockets of all documents, as the owner sees them. */
export interface Sessions {
  send(session: number, message: ServerMessage): void;
  /** To every session of the document that joined, except some: one frame, encoded once. */
  broadcast(documentId: DocumentId, message: ServerMessage, except: ReadonlySet<number>): void;
  joined(session: number, documentId: DocumentId): void;
  unjoined(session: number, documentId: DocumentId): void;
  dismissed(session: number): void;
  /** The client of the session reports another text; whether the log proves it. */
  diverged(session: number, documentId: DocumentId, report: DivergenceReport): void;
}

export type DivergenceReport = Pick<
  Extract<DocumentEffect, { type: 'divergence' }>,
  'clientId' | 'isProven'
>;

/** What changed in the store without this owner knowing of it; null for what did not. */
export interface Rechecked {
  readonly access: DocumentAccess | null;
  readonly named: VersionedTitle | null;
}

export interface RunningDocumentOptions {
  readonly opened: Opened;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly guard: Guard;
  readonly oldEdits: OldEdits;
  /** What of it is another in the store; null when the document is gone. */
  readonly recheck: (known: DocumentRevision) => Promise<Rechecked | null>;
  /** Something was committed. */
  readonly changed: () => void;
  /** Something could not be written where the database is damaged; any other error is not its business. */
  readonly damaged: (error: unknown) => void;
  /** The owner gave its state up. */
  readonly unloaded: () => void;
  /**
   * The owner threw, at a message of this person if it was somebody's. Returns whether that happened before.
   * `unloaded` follows.
   */
  readonly faulted: (error: Error, userId: string | null) => boolean;
  /** The state of the disk is unknown: the process must end (faults.md). */
  readonly fatal: (error: Error) => void;
}

/** A snapshot further behind the head than this is made anew rather than served with a long tail. */
const SNAPSHOT_BEHIND_MAX = 1_000;
/** A client that came back so often in vain is logged: once or twice, a bad network does it. */
const REPORTED_AFTER_JOINS = 10;
/** Texts handed out a moment ago: what a program read, it may write back as the base of its edit. */
const TEXTS_KEPT = 8;
/** How often, and for how long, an edit waits for a batch that is on its way to the log. */
const WAITS_MAX = 100;
const WAIT_MS = 10;
/** What a text that was handed out and is kept as a base may take, in UTF-16 units, all of them together. */
const TEXTS_UNITS_MAX = 4 * 1024 * 1024;

/** The edit was not committed; nothing was changed. */
export class EditRejectedError extends Error {
  readonly code: EditRejection;
  constructor(code: EditRejection) {
    super(`The edit was not committed: ${code}`);
    this.code = code;
  }
}

export interface ApiEdit {
  readonly userId: string;
  readonly atMost?: Asker['atMost'];
  /** A client id for this edit alone: the same edit sent again is committed once. */
  readonly onceAs?: ClientId | null;
  readonly condition?: EditCondition | undefined;
  /** Version of the text that the first operation is for. */
  readonly baseVersion: number;
  readonly operations: readonly TextOperation[];
}

export class RunningDocument {
  readonly #owner: DocumentOwner;
  readonly #documentId: DocumentId;
  readonly #options: RunningDocumentOptions;
  readonly #timers = new Map<DocumentTimer, NodeJS.Timeout>();
  /** The newest compressed text, kept for the joins of a whole room. */
  #checkpoint: { readonly version: number; readonly made: Promise<Checkpoint> } | null = null;
  #isGone = false;
  /** The owner threw: its state is not to be trusted, and never asked again. */
  #isBroken = false;
  /** Whose sessions have joined or are about to, by session: told when the owner cannot tell them. */
  readonly #present = new Map<number, string>();
  /** Newest last. */
  readonly #texts = new Map<number, DocumentText>();
  readonly #apiClientId = apiClientId(randomClientId());
  readonly #edits = new Map<
    number,
    { resolve: (edited: { version: number }) => void; reject: (error: Error) => void }
  >();
  #nextEdit = 1;
  #holds = 0;
  #compressing: Promise<Checkpoint> | null = null;
  #checkpointBytes = 0;
  #waitingForUnload: (() => void)[] = [];

  constructor(options: RunningDocumentOptions) {
    this.#options = options;
    const { document, checkpoint } = options.opened;
    this.#documentId = document.documentId;
    this.#owner = new DocumentOwner(document);
    if (checkpoint !== null) {
      this.#checkpoint = { version: checkpoint.version, made: Promise.resolve(checkpoint) };
      this.#checkpointBytes = checkpoint.compressedText.length;
    }
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
  /** The durable text. */
  get text(): DocumentText {
    this.dispatch({ type: 'read' });
    const text = this.#durableText();
    const { version } = this.#owner;
    this.#texts.delete(version);
    this.#texts.set(version, text);
    for (const oldest of this.#texts.keys()) {
      const isMuch = this.#texts.size > TEXTS_KEPT || this.#unitsKept() > TEXTS_UNITS_MAX;
      if (!isMuch || oldest === version) break;
      this.#texts.delete(oldest);
    }
    return text;
  }

  /** About how many bytes of memory it takes. */
  get memoryBytes(): number {
    return DOCUMENT_OVERHEAD_BYTES + this.#owner.memoryBytes + 2 * this.#unitsKept() + this.#checkpointBytes; // prettier-ignore
  }

  /** People are in it, or an answer is being made from it. */
  get isInUse(): boolean {
    return this.sessionCount > 0 || this.#edits.size > 0 || this.#holds > 0;
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

  /** Leaves memory as soon as nobody needs it. */
  release(): void {
    this.dispatch({ type: 'release' });
  }

  #unitsKept(): number {
    let units = 0;
    for (const { lengthUtf16 } of this.#texts.values()) units += lengthUtf16;
    return units;
  }

  /** The text at a version; null when the document has not reached it. Rejects with StoreError, CorruptionError. */
  async textAt(version: number): Promise<DocumentText | null> {
    this.dispatch({ type: 'read' });
    if (version > this.#owner.version) return null;
    if (version === this.#owner.version) return this.#durableText();
    const kept = this.#texts.get(version);
    if (kept !== undefined) return kept;
    return textAtVersion(this.#options.store, this.#documentId, version).catch((error: unknown) => {
      throw error instanceof WorkExceededError ? new EditRejectedError('conflict') : error;
    });
  }

  /**
   * Hands consecutive operations of any size to the owner, as if their author typed them. Resolves when they are
   * durable, with the version of the last, and in how many pieces they were handed over. Rejects with {@link EditRejectedError}, StoreError (StoreFullError while saving is
   * paused) or CorruptionError.
   */
  async edit({
    userId,
    atMost,
    onceAs = null,
    condition,
    baseVersion,
    operations,
  }: ApiEdit): Promise<{ readonly version: number; readonly pieces: number }> {
    if (operations.length === 0) return { version: this.#owner.version, pieces: 0 };
    if (this.#options.store.room.current().isPaused) throw new StoreFullError();
    const position = onceAs === null ? null : await this.committed(onceAs, userId);
    const moved = await this.#upToDate(userId, baseVersion, operations);
    const ticket = this.#nextEdit++;
    const edited = await new Promise<{ version: number }>((resolve, reject) => {
      this.#edits.set(ticket, { resolve, reject });
      this.dispatch({
        type: 'edit',
        ticket,
        userId,
        atMost,
        clientId: onceAs ?? this.#apiClientId,
        ...(onceAs !== null && { once: { position } }),
        ...(condition !== undefined && { condition }),
        ...moved,
      });
    });
    return { ...edited, pieces: moved.operations.length };
  }

  /**
   * In pieces that the owner takes. Older than what the owner remembers, or much to move: moved before, as a client does
   * that comes back, until it is little. Rejects with EditRejectedError when too much was written meanwhile.
   */
  async #upToDate(
    userId: string,
    baseVersion: number,
    operations: readonly TextOperation[],
  ): Promise<Pick<ApiEdit, 'baseVersion' | 'operations'>> {
    const { oldEdits, store, opened } = this.#options;
    const { operationComponents: components, operationBytes: bytes } = opened.document.limits;
    let edit: MovedEdit = { operations, steps: OLD_EDIT_STEPS_MAX };
    let base = baseVersion;
    let waits = 0;
    for (;;) {
      if (this.#isLittle(base, edit.operations)) {
        const pieces = cutToFit(edit.operations, { components, bytes });
        if (this.#isLittle(base, pieces)) return { baseVersion: base, operations: pieces };
      }
      const until = this.#owner.version;
      if (base >= until) {
        // What is much to move over is still on its way to the log.
        if (waits++ === WAITS_MAX) throw new EditRejectedError('conflict');
        await sleep(WAIT_MS);
        continue;
      }
      const committed = readLog(store.log, this.#documentId, base, until);
      const moved = await oldEdits.move(userId, edit, committed);
      if (moved === null) throw new EditRejectedError('conflict');
      edit = moved;
      base = until;
    }
  }

  #isLittle(baseVersion: number, operations: readonly TextOperation[]): boolean {
    return this.#owner.costOfEdit(baseVersion, operations) <= EDIT_TRANSFORM_COST_MAX;
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
    for (;;) {
      const { version } = this.#owner;
      const kept = this.#checkpoint;
      const isNewEnough =
        kept !== null &&
        kept.version >= atLeastVersion &&
        version - kept.version <= SNAPSHOT_BEHIND_MAX;
      if (isNewEnough) return kept.made;
      // One at a time: those who asked meanwhile share the next one.
      if (this.#compressing === null) return this.#compress(version, this.#durableText());
      await this.#compressing.catch(() => {});
    }
  }

  /** Never throws: a fault of the owner gives this document up, and no other. */
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

  dispatch(input: DocumentInput): void {
    if (this.#isBroken) return this.#refuseWhenBroken(input);
    if (input.type === 'join') this.#present.set(input.session, input.userId);
    if (input.type === 'left') this.#present.delete(input.session);
    try {
      for (const effect of this.#owner.step(input, Date.now())) this.#run(effect);
    } catch (error) {
      this.#giveUp(error, 'session' in input ? input.session : null);
    }
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
   * As after a failed append: the state is dropped, never repaired. An append under way may still land; whose it
   * was finds it in the log when they join again.
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
    for (const { reject } of this.#edits.values())
      reject(new EditRejectedError('storeUnavailable'));
    this.#edits.clear();
    this.#unload();
  }

  /** What comes after, until the sender notices. */
  #refuseWhenBroken(input: DocumentInput): void {
    if (input.type === 'edit') {
      this.#edits.get(input.ticket)?.reject(new EditRejectedError('storeUnavailable'));
      this.#edits.delete(input.ticket);
    }
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
        this.#edits.get(effect.ticket)?.resolve({ version: effect.version });
        this.#edits.delete(effect.ticket);
        return;
      case 'editRejected':
        this.#edits.get(effect.ticket)?.reject(new EditRejectedError(effect.code));
        this.#edits.delete(effect.ticket);
        return;
      case 'recheck':
        return void this.#recheck(effect);
      case 'broadcast':
        return sessions.broadcast(this.#documentId, effect.message, effect.except);
      case 'send':
        if (effect.message.type === 'rejected') metrics.rejected(effect.message.body.code);
        if (effect.message.type === 'refused') metrics.refused(effect.message.body.code);
        return sessions.send(effect.session, effect.message);
      case 'joined':
        return sessions.joined(effect.session, this.#documentId);
      case 'unjoined':
        return sessions.unjoined(effect.session, this.#documentId);
      case 'dismissed':
        this.#present.delete(effect.session);
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
        return void this.#writeCheckpoint(effect.version, effect.text);
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
    this.#options.unloaded();
    for (const resolve of this.#waitingForUnload.splice(0)) resolve();
  }

  async #append(batch: Batch): Promise<void> {
    const { store, metrics } = this.#options;
    const startedAt = performance.now();
    try {
      await store.log.append(batch);
    } catch (error) {
      this.#reportFailure(error, 'append');
      this.#options.damaged(error);
      const reason = error instanceof DuplicateBatchError ? 'duplicate' : 'unavailable';
      return this.dispatch({ type: 'appendFailed', reason });
    }
    metrics.committed(batch.operations.length, performance.now() - startedAt);
    this.dispatch({ type: 'appended' });
    void this.#options.guard.run('document', this.#options.changed);
  }

  async #load(effect: Extract<DocumentEffect, { type: 'load' }>): Promise<void> {
    const { session, clientId, epoch, userId, afterVersion, untilVersion } = effect;
    const { entryVersion, checksumVersion } = effect;
    const { log } = this.#options.store;
    try {
      const position = await log.positionOf(this.#documentId, clientId, userId);
      const operations: LoggedOperation[] = [];
      let bytes = 0;
      for await (const read of readLog(log, this.#documentId, afterVersion, untilVersion)) {
        operations.push(...read);
        for (const { op } of read) bytes += aboutBytes(op);
        if (bytes > effect.bytesMax) break;
      }
      const isTooLong = bytes > effect.bytesMax;
      const entry = entryVersion === null ? undefined : await this.operationAt(entryVersion);
      const checksum =
        checksumVersion === null ? undefined : await this.#checksumAt(checksumVersion, userId);
      this.dispatch({
        type: 'loaded',
        session,
        clientId,
        epoch,
        position,
        operations: isTooLong ? [] : operations,
        untilVersion,
        isTooLong,
        entry,
        checksum,
      });
    } catch (error) {
      this.#reportFailure(error, 'load');
      this.dispatch({ type: 'loadFailed', session });
    }
  }

  /** Null when that text costs too much to make. Rejects with StoreError or CorruptionError. */
  async #checksumAt(version: number, userId: string): Promise<number | null> {
    try {
      const { store } = this.#options;
      return (await textAtVersion(store, this.#documentId, version, userId)).checksum;
    } catch (error) {
      if (error instanceof WorkExceededError) return null;
      throw error;
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
      // Asked again in a few seconds.
      this.#reportFailure(error, 'reading who has access');
    }
  }

  async #writeCheckpoint(version: number, text: DocumentText): Promise<void> {
    try {
      const checkpoint = await this.#compress(version, text);
      await this.#options.store.checkpoints.write(this.#documentId, checkpoint);
      this.dispatch({ type: 'checkpointed', version });
    } catch (error) {
      this.#reportFailure(error, 'checkpoint');
      this.dispatch({ type: 'checkpointFailed' });
    }
  }

  #compress(version: number, text: DocumentText): Promise<Checkpoint> {
    if (this.#checkpoint?.version === version) return this.#checkpoint.made;
    const made = checkpointOf(text, version);
    this.#checkpoint = { version, made };
    this.#compressing = made;
    const done = (): void => {
      if (this.#compressing === made) this.#compressing = null;
    };
    made.then(({ compressedText }) => {
      this.#checkpointBytes = compressedText.length;
      done();
    }, done);
    return made;
  }

  #reportFailure(error: unknown, doing: string): void {
    this.#options.log.error({ document: this.#documentId, err: error }, `${doing} failed`);
    if (error instanceof StoreError && error.fatal) this.#options.fatal(error);
  }
}
