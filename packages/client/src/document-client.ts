/** Runs a session: carries out its effects over the ports and tells listeners. Holds no rules of its own. */
import { insertAt, removeAt, type DocumentText, type TextOperation } from '@concord/ot';
import { randomClientId, randomRenameId, type DocumentId } from '@concord/protocol';
import { unsentEdits } from './core/buffer.ts';
import type {
  DocumentClient,
  DocumentClientEvents,
  DocumentView,
  VisibleCaret,
} from './document-client-api.ts';
import { viewOf, ViewStore } from './document-view.ts';
import { inTime } from './in-time.ts';
import { noListeners } from './listeners.ts';
import {
  ServerRefusedError,
  type CreateTransport,
  type DocumentServer,
  type QueueStore,
  type Snapshot,
  type SnapshotSource,
  type Transport,
} from './ports.ts';
import { QueueWriter } from './queue-writer.ts';
import { newReplica } from './core/new-replica.ts';
import type { Replica } from './core/replica.ts';
import type { Selection, SessionEffect, SessionInput, TimerName } from './core/session-messages.ts';
import { ClientSession } from './core/session.ts';
import type { Rename } from './core/title.ts';
import { Waiters, type Milestone } from './waiters.ts';

export { ClientStoppedError, EditRefusedError } from './waiters.ts';

export interface DocumentClientOptions {
  readonly documentId: DocumentId;
  /** The replica to continue; without one a new replica is begun. */
  readonly replica?: Replica;
  readonly createTransport: CreateTransport;
  readonly queueStore: QueueStore;
  readonly snapshots: SnapshotSource;
  /** Renames documents, and makes those that were begun on this device. */
  readonly server?: DocumentServer;
  /** How the tab was connected that this one goes on for; none for a page that was just opened. */
  readonly former?: 'online' | 'offline' | undefined;
  /** The device did not answer when the page was opened. */
  readonly isWithoutDevice?: boolean;
}

/**
 * The lead is handed over, and pages are left, when everything is written; a device that does not answer is not waited
 * for. Less than it takes another tab to believe that this one is dead (tabs/lead-lock.ts).
 */
const FLUSH_MS = 2_000;

/** Trying again would be answered alike. */
const isFinal = (error: unknown): boolean => error instanceof ServerRefusedError && error.isFinal;

interface Timer {
  readonly id: ReturnType<typeof setTimeout>;
  /** By the clock that never goes back. */
  readonly dueAtMs: number;
}

export class RunningDocumentClient implements DocumentClient {
  readonly #session: ClientSession;
  readonly #documentId: DocumentId;
  readonly #transport: Transport;
  readonly #server: DocumentServer | undefined;
  readonly #snapshots: SnapshotSource;
  readonly #timers = new Map<TimerName, Timer>();
  #connectTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = noListeners();
  readonly #waiters = new Waiters();
  readonly #effects: SessionEffect[] = [];
  #running = false;
  #closed = false;
  readonly #views: ViewStore;
  /** Of the session as it is; null until it is asked for after a step. */
  #view: DocumentView | null = null;
  readonly #writer: QueueWriter;

  constructor(options: DocumentClientOptions) {
    this.#documentId = options.documentId;
    this.#session = new ClientSession(
      options.replica ?? newReplica(options.documentId, randomClientId()),
    );
    this.#views = new ViewStore(() => (this.#view ??= viewOf(this.#session)));
    const kept = options.replica?.confirmed ?? null;
    this.#writer = new QueueWriter(options.queueStore, kept, (ticket, outcome) =>
      this.#step(outcome === 'superseded' ? { type: outcome } : { type: outcome, ticket }),
    );
    this.#snapshots = options.snapshots;
    this.#server = options.server;
    this.#transport = options.createTransport({
      connected: () => this.#step({ type: 'connected' }),
      disconnected: () => this.#step({ type: 'disconnected' }),
      message: (message) => this.#step({ type: 'message', message }),
    });
    const { former, isWithoutDevice } = options;
    this.#step({ type: 'start', former, isWithoutDevice });
  }

  get documentText(): DocumentText {
    return this.#session.buffer.visible;
  }
  get text(): string {
    return this.documentText.toString();
  }
  get view(): DocumentView {
    return this.#views.view;
  }
  get visibleCarets(): readonly VisibleCaret[] {
    return this.#visibleCarets();
  }
  /** What the device should keep. */
  get replica(): Replica {
    return this.#session.replica;
  }

  /** @param edits of how many it is composed, for the status line */
  edit(operation: TextOperation, edits = 1): void {
    this.#step({ type: 'edit', operation, edits });
    this.#runWhatIsDue();
  }

  insert(position: number, text: string): void {
    this.edit(insertAt(position, text));
  }

  remove(position: number, count: number): void {
    this.edit(removeAt(position, count));
  }

  rename(title: string, base?: string): void {
    const id = randomRenameId();
    this.#step({ type: 'rename', title, id, ...(base === undefined ? {} : { base }) });
  }

  setSelection(selection: Selection | null): void {
    this.#step({ type: 'select', selection });
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#views.subscribe(listener);

  on<E extends keyof DocumentClientEvents>(
    event: E,
    listener: DocumentClientEvents[E],
  ): () => void {
    this.#listeners[event].add(listener);
    return () => void this.#listeners[event].delete(listener);
  }

  whenOpen(): Promise<void> {
    return this.#when('opened', () => this.#session.opened);
  }

  whenSynchronized(): Promise<void> {
    return this.#when(
      'acknowledged',
      () => this.#session.opened && unsentEdits(this.#session.buffer) === 0,
    );
  }

  /** The device has a network again: connect now rather than after the backoff. */
  networkBack(): void {
    this.#step({ type: 'networkBack' });
  }

  /** The device has no network any more. */
  networkGone(): void {
    this.#step({ type: 'networkGone' });
  }

  /** The device took away what it kept: it is written anew. */
  storageLost(): void {
    this.#step({ type: 'storageLost' });
  }

  /** The page may go away: write the queue now. */
  suspend(): void {
    this.#step({ type: 'suspend' });
    this.#writer.hurry();
  }

  /** Everything edited so far is on the device; false when it could not be written. */
  async flush(): Promise<boolean> {
    return inTime(this.#writer.flush(this.#session.replica), FLUSH_MS, false);
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#step({ type: 'close' });
      this.#closed = true;
      clearTimeout(this.#connectTimer);
      for (const { id } of this.#timers.values()) clearTimeout(id);
      this.#transport.disconnect();
      this.#waiters.end({ code: 'closed', detail: 'The document was closed' });
    }
    await inTime(this.#writer.whenIdle(), FLUSH_MS, undefined);
  }

  #when(milestone: Milestone, isReached: () => boolean): Promise<void> {
    const reached = this.#waiters.wait(milestone, isReached);
    this.#waiters.check(this.#session.stopped);
    return reached;
  }

  /** Effects are carried out in order, also when a listener edits from inside an event. */
  #step(input: SessionInput): void {
    if (this.#closed) return;
    this.#view = null;
    for (const effect of this.#session.step(input)) this.#effects.push(effect);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let effect = this.#effects.shift(); effect; effect = this.#effects.shift()) {
        this.#run(effect);
      }
    } finally {
      this.#running = false;
    }
    this.#views.tell();
    this.#waiters.check(this.#session.stopped);
  }

  #run(effect: SessionEffect): void {
    switch (effect.type) {
      case 'connect':
      case 'create': {
        const { minDelayMs, maxDelayMs } = effect;
        clearTimeout(this.#connectTimer);
        this.#connectTimer = setTimeout(
          () => (effect.type === 'connect' ? this.#transport.connect() : this.#create()),
          minDelayMs + Math.random() * (maxDelayMs - minDelayMs),
        );
        return;
      }
      case 'rename':
        this.#rename(effect.rename);
        return;
      case 'disconnect':
        clearTimeout(this.#connectTimer);
        return this.#transport.disconnect();
      case 'send':
        return this.#transport.send(effect.message);
      case 'save': {
        const { replica, durability, ticket } = effect;
        this.#writer.write(replica, durability, ticket);
        return;
      }
      case 'startTimer': {
        const { name, ms } = effect;
        this.#cancel(name);
        const id = setTimeout(() => this.#timeIsUp(name), ms);
        this.#timers.set(name, { id, dueAtMs: performance.now() + ms });
        return;
      }
      case 'cancelTimer':
        return this.#cancel(effect.name);
      case 'fetchSnapshot':
        this.#fetchSnapshot(effect).then(
          (snapshot) => this.#step({ type: 'snapshot', ...snapshot }),
          (error: unknown) => this.#step({ type: 'snapshotFailed', detail: String(error) }),
        );
        return;
      case 'changed': {
        const { before, after, operation, origin, author } = effect;
        const change = { before, after, operation, origin, ...(author === null ? {} : { author }) };
        for (const listener of this.#listeners.change) listener(change);
        return;
      }
      case 'editRefused': {
        const { code, detail, lostText } = effect;
        const refused = { code, detail, lostText };
        for (const listener of this.#listeners.refused) listener(refused);
        this.#waiters.editRefused(refused);
        return;
      }
      case 'effectsRefused':
        // Nothing makes effects yet that would have to be told of.
        return;
      case 'peopleChanged':
      case 'roleChanged':
      case 'titleChanged':
        // In the view, which is told at the end of the step.
        return;
      case 'caretsChanged': {
        if (this.#listeners.carets.size === 0) return;
        const carets = this.#visibleCarets();
        for (const listener of this.#listeners.carets) listener(carets);
        return;
      }
      case 'merged':
        for (const listener of this.#listeners.merge) listener(effect.merge);
        return;
      case 'overtaken':
        // What was dropped is in the text; what was not, the status tells of.
        return;
      case 'diverged':
        // Repaired by itself; the owner counts it and tells whoever runs the server (docs/protocol.md#divergence).
        return;
    }
  }

  #cancel(name: TimerName): void {
    clearTimeout(this.#timers.get(name)?.id);
    this.#timers.delete(name);
  }

  #timeIsUp(name: TimerName): void {
    this.#cancel(name);
    this.#step({ type: 'timer', name });
  }

  /** A busy browser lets timers wait for keys, and what is typed would be written to the device too late. */
  #runWhatIsDue(): void {
    const now = performance.now();
    for (const [name, { dueAtMs }] of [...this.#timers]) if (dueAtMs <= now) this.#timeIsUp(name);
  }

  #fetchSnapshot({
    atLeastVersion,
    afterVersion,
    head,
  }: Extract<SessionEffect, { type: 'fetchSnapshot' }>): Promise<Snapshot> {
    return this.#snapshots.fetch(this.#documentId, atLeastVersion, afterVersion, head);
  }

  #rename(rename: Rename): void {
    const { id } = rename;
    const answered = this.#server?.rename(this.#documentId, rename);
    // Programs without the REST API keep the title they gave.
    if (answered === undefined) return;
    answered.then(
      (named) => this.#step({ type: 'renamed', id, ...named }),
      (error: unknown) => this.#step({ type: 'renameFailed', id, isFinal: isFinal(error) }),
    );
  }

  #create(): void {
    const nowhere = new Error('This program makes no documents');
    const answered = this.#server?.create(this.#documentId) ?? Promise.reject(nowhere);
    answered.then(
      () => this.#step({ type: 'created' }),
      (error: unknown) =>
        this.#step({
          type: 'createFailed',
          isFinal: isFinal(error),
          code: error instanceof ServerRefusedError ? error.code : 'unreachable',
          detail: error instanceof Error ? error.message : String(error),
        }),
    );
  }

  #visibleCarets(): readonly VisibleCaret[] {
    const { carets, people } = this.#session;
    return people.flatMap((person) => {
      const position = carets.get(person.session);
      return position === undefined ? [] : [{ person, ...position }];
    });
  }
}
