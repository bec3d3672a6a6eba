/** Runs the owner of one document: carries out its effects over store, timers and sockets. Holds no rules. */
import type { DocumentText } from '@concord/ot';
import type { DocumentId, ServerMessage } from '@concord/protocol';
import type { Log } from '../log.ts';
import type { ServerMetrics } from '../metrics.ts';
import {
  DuplicateBatchError,
  StoreError,
  type Batch,
  type Checkpoint,
  type LoggedOperation,
  type Store,
} from '../store/store.ts';
import type { DocumentEffect, DocumentInput, DocumentTimer } from './document-messages.ts';
import { DocumentOwner } from './document.ts';
import { checkpointOf, readLog, type Opened } from './open-document.ts';

/** The sockets of all documents, as the owner sees them. */
export interface Sessions {
  send(session: number, message: ServerMessage): void;
  /** To every session of the document that joined, except some: one frame, encoded once. */
  broadcast(documentId: DocumentId, message: ServerMessage, except: ReadonlySet<number>): void;
  joined(session: number, documentId: DocumentId): void;
  dismissed(session: number): void;
}

export interface RunningDocumentOptions {
  readonly opened: Opened;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  /** The owner gave its state up. */
  readonly unloaded: () => void;
  /** The state of the disk is unknown: the process must end (faults.md). */
  readonly fatal: (error: Error) => void;
}

/** A snapshot further behind the head than this is made anew rather than served with a long tail. */
const SNAPSHOT_BEHIND_MAX = 1_000;

export class RunningDocument {
  readonly #owner: DocumentOwner;
  readonly #documentId: DocumentId;
  readonly #options: RunningDocumentOptions;
  readonly #timers = new Map<DocumentTimer, NodeJS.Timeout>();
  /** The newest compressed text, kept for the joins of a whole room. */
  #checkpoint: { readonly version: number; readonly made: Promise<Checkpoint> } | null = null;
  #isGone = false;
  #waitingForUnload: (() => void)[] = [];

  constructor(options: RunningDocumentOptions) {
    this.#options = options;
    const { document, checkpoint } = options.opened;
    this.#documentId = document.documentId;
    this.#owner = new DocumentOwner(document);
    if (checkpoint !== null) {
      this.#checkpoint = { version: checkpoint.version, made: Promise.resolve(checkpoint) };
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
    return this.#owner.text;
  }

  /** The durable text, compressed, at `atLeastVersion` or newer, or null when there is no such version yet. */
  async snapshot(atLeastVersion: number): Promise<Checkpoint | null> {
    this.dispatch({ type: 'read' });
    const { version } = this.#owner;
    if (version < atLeastVersion) return null;
    const kept = this.#checkpoint;
    const isNewEnough =
      kept !== null &&
      kept.version >= atLeastVersion &&
      version - kept.version <= SNAPSHOT_BEHIND_MAX;
    return isNewEnough ? kept.made : this.#compress(version, this.#owner.text);
  }

  dispatch(input: DocumentInput): void {
    for (const effect of this.#owner.step(input, Date.now())) this.#run(effect);
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
      case 'broadcast':
        return sessions.broadcast(this.#documentId, effect.message, effect.except);
      case 'send':
        if (effect.message.type === 'rejected') metrics.rejected(effect.message.body.code);
        if (effect.message.type === 'refused') metrics.refused(effect.message.body.code);
        return sessions.send(effect.session, effect.message);
      case 'joined':
        return sessions.joined(effect.session, this.#documentId);
      case 'dismissed':
        return sessions.dismissed(effect.session);
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
        this.#isGone = true;
        for (const timer of this.#timers.values()) clearTimeout(timer);
        this.#options.unloaded();
        for (const resolve of this.#waitingForUnload.splice(0)) resolve();
        return;
    }
  }

  async #append(batch: Batch): Promise<void> {
    const { store, metrics } = this.#options;
    const startedAt = performance.now();
    try {
      await store.log.append(batch);
      metrics.committed(batch.operations.length, performance.now() - startedAt);
      this.dispatch({ type: 'appended' });
    } catch (error) {
      this.#reportFailure(error, 'append');
      const reason = error instanceof DuplicateBatchError ? 'duplicate' : 'unavailable';
      this.dispatch({ type: 'appendFailed', reason });
    }
  }

  async #load(effect: Extract<DocumentEffect, { type: 'load' }>): Promise<void> {
    const { session, clientId, userId, afterVersion, untilVersion } = effect;
    const { log } = this.#options.store;
    try {
      const position = await log.positionOf(this.#documentId, clientId, userId);
      const operations: LoggedOperation[] = [];
      for await (const read of readLog(log, this.#documentId, afterVersion, untilVersion)) {
        operations.push(...read);
      }
      this.dispatch({ type: 'loaded', session, clientId, position, operations, untilVersion });
    } catch (error) {
      this.#reportFailure(error, 'load');
      this.dispatch({ type: 'loadFailed', session });
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
    return made;
  }

  #reportFailure(error: unknown, doing: string): void {
    this.#options.log.error({ document: this.#documentId, err: error }, `${doing} failed`);
    if (error instanceof StoreError && error.fatal) this.#options.fatal(error);
  }
}
