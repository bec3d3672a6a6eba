/**
 * A document as one tab of this browser has it. Of all tabs that show it one leads: it holds the replica, and with
 * it the queue and the connection. The others mirror its text. Whoever looks at a tab, or types in it, makes it
 * the leader: the former one writes its queue, lets go, and mirrors.
 *
 *   mirroring ──looked at, typed in, leader gone──▶ taking ──lock had, replica loaded──▶ leading
 *       ▲                                                                                 │
 *       └────────────────────── wanted elsewhere: queue written, lock released ───────────┘
 *
 * So a person's edits in several tabs are one queue under one client id, with or without a network, and there is
 * never more than one writer of it (I4). Tabs without shared storage lead each for itself.
 */
import { DocumentText, type TextOperation } from '@concord/ot';
import { insertAt, removeAt } from '@concord/ot';
import type { Person, Role } from '@concord/protocol';
import type {
  DocumentClient,
  DocumentClientEvents,
  DocumentStatus,
  TextChanged,
} from '../document-client-api.ts';
import type { RunningDocumentClient } from '../document-client.ts';
import type { Selection } from '../session.ts';
import type { LeadLock } from './lead-lock.ts';
import { Mirror } from './mirror.ts';
import { TabChannel, type SharedState, type TabMessage } from './tab-channel.ts';

export interface SharedDocumentOptions {
  /** Of the document and the person. */
  readonly name: string;
  readonly lock: LeadLock;
  /**
   * Loads the replica, or begins one, and runs it. Called with the lock held.
   * `isOffline`: the former leader had no connection.
   */
  readonly lead: (isOffline: boolean) => Promise<RunningDocumentClient>;
  /** Somebody looks at this tab now. */
  readonly isLookedAt: () => boolean;
}

const nothing: SharedState = {
  status: { kind: 'opening' },
  title: '',
  isTitleSaved: true,
  people: [],
  peopleTotal: 0,
  self: -1,
  role: null,
  version: 0,
  unsent: 0,
  carets: [],
};

/** Two tabs that are typed in at once do not take the lead from each other at every key. */
const HELD_AT_LEAST_MS = 300;
/** A mirror that somebody looks at asks this often whether the leader is still there, and waits for an answer. */
const ASK_EVERY_MS = 3_000;
const ANSWER_MS = 1_000;
const SUCCEED_AFTER_MS = [0, 50, 150, 500];

type Listeners = { [E in keyof DocumentClientEvents]: Set<DocumentClientEvents[E]> };

export class SharedDocumentClient implements DocumentClient {
  readonly #options: SharedDocumentOptions;
  readonly #channel: TabChannel;
  readonly #listeners: Listeners = {
    change: new Set(),
    status: new Set(),
    people: new Set(),
    carets: new Set(),
    title: new Set(),
    merge: new Set(),
    role: new Set(),
    refused: new Set(),
  };
  #mode: 'mirroring' | 'taking' | 'leading' | 'closed' = 'mirroring';
  #inner: RunningDocumentClient | null = null;
  #mirror = new Mirror();
  #state: SharedState = nothing;
  #isOpen = false;
  #selection: Selection | null = null;
  #titleTyped: string | null = null;
  #ledSince = 0;
  #isWanted = false;
  /** Somebody mirrors this tab, as far as it knows: without, nothing is told. */
  #hasMirrors = false;
  #count = 0;
  #isHandingOver = false;
  /** The leader said that it cannot hand over. */
  #isKept = false;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #askTimer: ReturnType<typeof setInterval>;
  #openWaiters: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(options: SharedDocumentOptions) {
    this.#options = options;
    this.#channel = new TabChannel(options.name, (message) => this.#received(message));
    this.#askTimer = setInterval(() => {
      if (this.#mode !== 'mirroring') return;
      if (this.#mirror.isWaiting) this.wanted();
      else if (options.isLookedAt()) this.#ask();
    }, ASK_EVERY_MS);
  }

  /** Leads when nobody does, or when somebody looks at this tab; mirrors else. */
  async start(): Promise<void> {
    if (await this.#take('ifFree')) return;
    if (this.#options.isLookedAt()) await this.#take('wait');
    else this.#ask();
  }

  /** Somebody looks at this tab: it leads from now on. */
  wanted(): void {
    if (this.#mode === 'mirroring') void this.#take('wait');
  }

  get isLeading(): boolean {
    return this.#mode === 'leading';
  }
  get documentText(): DocumentText {
    return this.#inner?.documentText ?? this.#mirror.visible;
  }
  get text(): string {
    return this.documentText.toString();
  }
  get status(): DocumentStatus {
    const { status } = this.#inner ?? this.#state;
    const former = this.#state.status.kind;
    if (status.kind !== 'opening' || former === 'opening' || former === 'stopped') return status;
    // The lead changed hands within this browser: that is no news to anybody.
    return this.unsent > 0 ? { kind: 'saving', slow: false } : this.#state.status;
  }
  get title(): string {
    return this.#titleTyped ?? this.#inner?.title ?? this.#state.title;
  }
  get isTitleSaved(): boolean {
    return this.#titleTyped === null && (this.#inner?.isTitleSaved ?? this.#state.isTitleSaved);
  }
  get people(): readonly Person[] {
    return this.#inner?.people ?? this.#state.people;
  }
  get peopleTotal(): number {
    return this.#inner?.peopleTotal ?? this.#state.peopleTotal;
  }
  get role(): Role | null {
    return this.#inner?.role ?? this.#state.role;
  }
  get version(): number {
    return this.#inner?.version ?? this.#state.version;
  }
  get unsent(): number {
    return this.#inner?.unsent ?? this.#state.unsent + this.#mirror.typedEdits;
  }

  edit(operation: TextOperation): void {
    if (this.#inner !== null) return this.#inner.edit(operation);
    if (operation.length === 0) return;
    const before = this.#mirror.visible;
    this.#mirror.edit(operation);
    this.#emitChange({ before, after: this.#mirror.visible, operation, origin: 'local' });
    this.wanted();
  }

  insert(position: number, text: string): void {
    this.edit(insertAt(position, text));
  }

  remove(position: number, count: number): void {
    this.edit(removeAt(position, count));
  }

  rename(title: string): void {
    if (this.#inner !== null) return this.#inner.rename(title);
    this.#titleTyped = title;
    for (const listener of this.#listeners.title) listener(title);
    this.wanted();
  }

  setSelection(selection: Selection | null): void {
    this.#selection = selection;
    this.#inner?.setSelection(selection);
  }

  on<E extends keyof DocumentClientEvents>(
    event: E,
    listener: DocumentClientEvents[E],
  ): () => void {
    this.#listeners[event].add(listener);
    return () => void this.#listeners[event].delete(listener);
  }

  whenOpen(): Promise<void> {
    if (this.#isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => this.#openWaiters.push({ resolve, reject }));
  }

  async whenSynchronized(): Promise<void> {
    if (this.#inner === null) await this.#take('wait');
    await this.#inner?.whenSynchronized();
  }

  networkBack(): void {
    this.#inner?.networkBack();
  }

  suspend(): void {
    this.#inner?.suspend();
  }

  /** The page goes away: another tab may lead. */
  pageGone(): void {
    this.suspend();
    if (this.#mode === 'leading') this.#channel.post({ type: 'gone' });
  }

  /** Everything typed so far is on the device; false when it could not be written. */
  async flush(): Promise<boolean> {
    return (await this.#inner?.flush()) ?? true;
  }

  async close(): Promise<void> {
    // What was typed before this tab led belongs into the queue first.
    if (this.#inner === null && this.#mirror.isWaiting) await this.#take('wait');
    const inner = this.#inner;
    const wasLeading = this.#mode === 'leading';
    this.#mode = 'closed';
    clearInterval(this.#askTimer);
    clearTimeout(this.#answerTimer);
    await inner?.close();
    this.#options.lock.release();
    if (wasLeading) this.#channel.post({ type: 'gone' });
    this.#channel.close();
    const error = new Error('The document was closed');
    for (const waiter of this.#openWaiters.splice(0)) waiter.reject(error);
  }

  // --- Leading ----------------------------------------------------------------------------------

  async #take(how: 'ifFree' | 'wait'): Promise<boolean> {
    if (this.#mode !== 'mirroring') return this.#mode === 'leading';
    this.#mode = 'taking';
    if (how === 'wait') {
      this.#hasMirrors = true;
      this.#channel.post({ type: 'wanted' });
    }
    this.#isKept = false;
    const isHad = await this.#options.lock.take(how, {
      lost: () => this.#lost(),
      mayForce: () => !this.#isKept,
    });
    if (!isHad || this.#isClosed()) {
      if (isHad) this.#options.lock.release();
      else this.#mode = 'mirroring';
      return false;
    }
    const inner = await this.#options.lead(this.#state.status.kind === 'offline');
    if (this.#isClosed()) {
      await inner.close();
      this.#options.lock.release();
      return false;
    }
    this.#begin(inner);
    return true;
  }

  /** From here on the session's text is the one that is shown, with what was typed meanwhile. */
  #begin(inner: RunningDocumentClient): void {
    const before = this.#mirror.visible;
    this.#show(before, this.#mirror.replaced(inner.documentText, 0));
    if (this.#mirror.isWaiting) inner.edit(this.#mirror.typed, this.#mirror.typedEdits);
    this.#mirror = new Mirror();
    this.#inner = inner;
    this.#mode = 'leading';
    this.#ledSince = Date.now();
    this.#count = 0;
    if (this.#titleTyped !== null) inner.rename(this.#titleTyped);
    this.#titleTyped = null;
    if (this.#selection !== null) inner.setSelection(this.#selection);
    this.#forward(inner);
    this.#channel.post({ type: 'leads' });
    void inner.whenOpen().then(
      () => this.#opened(),
      () => undefined,
    );
    this.#showEverything();
    if (this.#isWanted) this.#handOverSoon();
  }

  #forward(inner: RunningDocumentClient): void {
    const isCurrent = (): boolean => this.#inner === inner;
    inner.on('change', (change) => {
      if (!isCurrent()) return;
      this.#emitChange(change);
      if (!this.#hasMirrors) return;
      this.#count++;
      this.#channel.post({ type: 'change', operation: change.operation, count: this.#count });
    });
    inner.on('refused', (refused) => {
      if (!isCurrent()) return;
      for (const listener of this.#listeners.refused) listener(refused);
      if (this.#hasMirrors) this.#channel.post({ type: 'refused', refused });
    });
    inner.on('merge', (merge) => {
      for (const listener of this.#listeners.merge) listener(merge);
    });
    inner.on('status', (status) => {
      if (!isCurrent()) return;
      if (status.kind === 'stopped' && status.code === 'superseded') return this.#lost();
      for (const listener of this.#listeners.status) listener(this.status);
      this.#tellState();
    });
    inner.on('people', (people, self) => {
      if (!isCurrent()) return;
      for (const listener of this.#listeners.people) listener(people, self);
      this.#tellState();
    });
    inner.on('carets', (carets) => {
      if (!isCurrent()) return;
      for (const listener of this.#listeners.carets) listener(carets);
      this.#tellState();
    });
    inner.on('title', (title) => {
      if (!isCurrent()) return;
      for (const listener of this.#listeners.title) listener(title);
      this.#tellState();
    });
    inner.on('role', (role) => {
      if (!isCurrent()) return;
      for (const listener of this.#listeners.role) listener(role);
      this.#tellState();
    });
  }

  get #sharedState(): SharedState {
    const { status, title, isTitleSaved, people, peopleTotal, role, version, unsent } = this;
    const { self = -1, visibleCarets = [] } = this.#inner ?? {};
    const about = { status, title, isTitleSaved, people, peopleTotal, role, version, unsent };
    return { ...about, self, carets: visibleCarets };
  }

  #tellState(): void {
    if (this.#hasMirrors) this.#channel.post({ type: 'state', state: this.#sharedState });
  }

  #tellEverything(): void {
    if (!this.#isOpen) return;
    this.#channel.post({ type: 'text', text: this.text, count: this.#count });
    this.#tellState();
  }

  #handOverSoon(): void {
    this.#isWanted = false;
    if (this.#isHandingOver) return;
    this.#isHandingOver = true;
    const heldMs = Date.now() - this.#ledSince;
    setTimeout(() => void this.#handOver(), Math.max(0, HELD_AT_LEAST_MS - heldMs));
  }

  async #handOver(): Promise<void> {
    const inner = this.#inner;
    if (inner !== null && this.#mode === 'leading') {
      const isWritten = await inner.flush();
      if (!isWritten) this.#channel.post({ type: 'kept' });
      else if (this.#inner === inner) {
        this.#mirrorFrom(inner);
        await inner.close();
        this.#options.lock.release();
      }
    }
    this.#isHandingOver = false;
  }

  /** Another tab took the lead by force. What it has not seen of the last moments is its business now. */
  #lost(): void {
    const inner = this.#inner;
    if (inner === null || this.#mode !== 'leading') return;
    this.#mirrorFrom(inner);
    void inner.close();
    this.#ask();
  }

  #mirrorFrom(inner: RunningDocumentClient): void {
    this.#state = { ...this.#sharedState, carets: [] };
    this.#mirror = new Mirror(inner.documentText);
    this.#inner = null;
    this.#mode = 'mirroring';
    for (const listener of this.#listeners.carets) listener([]);
  }

  // --- Mirroring --------------------------------------------------------------------------------

  /** Asks the leader for everything; when nobody answers, this tab leads. */
  #ask(): void {
    this.#channel.post({ type: 'hello' });
    if (this.#answerTimer !== undefined) return;
    this.#answerTimer = setTimeout(() => {
      this.#answerTimer = undefined;
      this.wanted();
    }, ANSWER_MS);
  }

  #received(message: TabMessage): void {
    if (this.#mode === 'closed') return;
    switch (message.type) {
      case 'hello':
        if (this.#mode !== 'leading') return;
        this.#hasMirrors = true;
        return this.#tellEverything();
      case 'wanted':
        this.#hasMirrors = true;
        if (this.#mode === 'leading') this.#handOverSoon();
        else if (this.#mode === 'taking') this.#isWanted = true;
        return;
      case 'leads':
        return this.#mode === 'leading' ? undefined : this.#ask();
      case 'gone':
        void this.#succeed();
        return;
      case 'kept':
        this.#isKept = true;
        return;
      default:
        if (this.#inner === null) this.#follow(message);
    }
  }

  /** The leader's page is going away, and its lock with it, in a moment. */
  async #succeed(): Promise<void> {
    for (const ms of SUCCEED_AFTER_MS) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      if (this.#mode !== 'mirroring' || (await this.#take('ifFree'))) return;
    }
  }

  #follow(message: Extract<TabMessage, { type: 'text' | 'change' | 'state' | 'refused' }>): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    switch (message.type) {
      case 'text': {
        const before = this.#mirror.visible;
        const text = DocumentText.from(message.text);
        this.#show(before, this.#mirror.replaced(text, message.count));
        return this.#opened();
      }
      case 'change': {
        if (!this.#mirror.isFollowing) return;
        const before = this.#mirror.visible;
        const operation = this.#mirror.changed(message.operation, message.count);
        return operation === null ? this.#ask() : this.#show(before, operation);
      }
      case 'state':
        this.#state = message.state;
        return this.#showEverything();
      case 'refused':
        for (const listener of this.#listeners.refused) listener(message.refused);
    }
  }

  #show(before: DocumentText, operation: TextOperation): void {
    if (operation.length === 0) return;
    this.#emitChange({ before, after: this.#mirror.visible, operation, origin: 'remote' });
  }

  #showEverything(): void {
    const { status, people, title, role } = this;
    const self = this.#inner?.self ?? this.#state.self;
    for (const listener of this.#listeners.status) listener(status);
    for (const listener of this.#listeners.people) listener(people, self);
    for (const listener of this.#listeners.title) listener(title);
    if (role !== null) for (const listener of this.#listeners.role) listener(role);
    const carets = this.#inner?.visibleCarets ?? this.#state.carets;
    for (const listener of this.#listeners.carets) listener(carets);
  }

  // --- Both -------------------------------------------------------------------------------------

  #emitChange(change: TextChanged): void {
    for (const listener of this.#listeners.change) listener(change);
  }

  #opened(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    for (const waiter of this.#openWaiters.splice(0)) waiter.resolve();
    if (this.#mode === 'leading' && this.#hasMirrors) this.#tellEverything();
  }

  #isClosed(): boolean {
    return this.#mode === 'closed';
  }
}
