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
import {
  diffTexts,
  DocumentText,
  isNoOperation,
  mergeTitles,
  type TextOperation,
} from '@concord/ot';
import { insertAt, removeAt } from '@concord/ot';
import { TITLE_CHARACTERS, type Person, type Role } from '@concord/protocol';
import type {
  DocumentClient,
  DocumentClientEvents,
  DocumentStatus,
} from '../document-client-api.ts';
import type { RunningDocumentClient } from '../document-client.ts';
import type { Merge } from '../core/merge.ts';
import type { Replica } from '../core/replica.ts';
import type { Selection } from '../core/session-messages.ts';
import type { LeadLock } from './lead-lock.ts';
import { Mirror } from './mirror.ts';
import { mirrorOfRobbed } from './robbed.ts';
import { TabChannel, type SharedState, type TabMessage, type TypedTitle } from './tab-channel.ts';
import { TabEvents } from './tab-events.ts';
import { statusWhileTaking, statusWithTyped } from './tab-status.ts';

export interface SharedDocumentOptions {
  /** Of the document and the person. */
  readonly name: string;
  readonly lock: LeadLock;
  /**
   * Loads the replica, or begins one, and runs it. Called with the lock held.
   * `former`: how the tab was connected that led before; none when nobody did.
   */
  readonly lead: (former: 'online' | 'offline' | undefined) => Promise<Led>;
  /** Somebody looks at this tab now. */
  readonly isLookedAt: () => boolean;
  /** Puts another replica in the place of one whose history the server does not have, or that was overtaken. */
  readonly mergeCopy?: (led: Led, options: MergeCopyOptions) => Promise<MergedCopy>;
}

/** How a copy is merged. */
export interface MergeCopyOptions {
  /** Of this person, as the server says it now: what the copy knows is from before. Left out when it is not known. */
  readonly role?: Role;
  /** Nothing of it is wanted: the server's text takes its place. */
  readonly isDiscarded?: boolean;
}

/** A copy of a former history went into the server's text: see merge-copy.ts. */
export interface MergedCopy {
  readonly led: Led;
  /** The server's text, before the copy was merged into it. */
  readonly server: DocumentText;
  /** To be reviewed; null when nothing was merged. */
  readonly merge: Merge | null;
}

/** A replica that this tab runs. */
export interface Led {
  readonly client: RunningDocumentClient;
  /** As the device has it. */
  readonly kept: () => Replica;
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
/** Several tabs may be closed at once, each a moment after the other. */
const SUCCEED_AFTER_MS = [30, 100, 200, 500];

export class SharedDocumentClient implements DocumentClient {
  readonly #options: SharedDocumentOptions;
  readonly #channel: TabChannel;
  readonly #events = new TabEvents(nothing);
  #mode: 'mirroring' | 'taking' | 'leading' | 'closed' = 'mirroring';
  #led: Led | null = null;
  #mirror = new Mirror();
  #state: SharedState = nothing;
  #isOpen = false;
  #selection: Selection | null = null;
  #titleTyped: TypedTitle | null = null;
  /** Under way: to get the lead, and to write what is left after it was lost. Neither ever rejects. */
  #taking: Promise<boolean> | null = null;
  #settling: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  #ledSince = 0;
  /** It led, and nobody has said since that they do. */
  #ledLast = false;
  #isWanted = false;
  /** Somebody mirrors this tab, as far as it knows: without, nothing is told. */
  #hasMirrors = false;
  #count = 0;
  #isHandingOver = false;
  #isAdopting = false;
  /** Since this tab asked for the lead nobody said that they have it, or that they must keep it. */
  #mayForce = true;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #askTimer: ReturnType<typeof setInterval>;
  #openWaiters: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(options: SharedDocumentOptions) {
    this.#options = options;
    this.#channel = new TabChannel(options.name, (message) => this.#received(message));
    this.#askTimer = setInterval(() => {
      if (this.#mode !== 'mirroring') return;
      if (this.#isWaiting) this.wanted();
      else if (options.isLookedAt()) this.#ask();
    }, ASK_EVERY_MS);
  }

  /**
   * Leads when nobody does, or when somebody looks at this tab; mirrors else. Resolves when it leads, or when it has
   * the text of the one that does: several tabs may be opened at once, and all but one of them wait for the lead.
   */
  async start(): Promise<void> {
    if (await this.#take('ifFree')) return;
    if (!this.#options.isLookedAt()) return this.#ask();
    const isOpen = this.whenOpen().catch(() => undefined);
    await Promise.race([this.#take('wait'), isOpen]);
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
    const { status } = this.#state;
    if (this.#inner !== null) return statusWhileTaking(this.#inner.status, status, this.unsent);
    return statusWithTyped(status, this.#isWaiting, this.unsent);
  }
  get title(): string {
    return this.#titleTyped?.title ?? this.#inner?.title ?? this.#state.title;
  }
  get isTitleSaved(): boolean {
    return this.#titleTyped === null && (this.#inner?.isTitleSaved ?? this.#state.isTitleSaved);
  }
  get people(): readonly Person[] {
    return this.#present.people;
  }
  get peopleTotal(): number {
    return this.#present.peopleTotal;
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
    const after = this.#mirror.visible;
    this.#events.emit('change', { before, after, operation, origin: 'local' });
    this.#tell();
    this.wanted();
  }

  insert(position: number, text: string): void {
    this.edit(insertAt(position, text));
  }

  remove(position: number, count: number): void {
    this.edit(removeAt(position, count));
  }

  rename(title: string, base = this.title): void {
    if (this.#inner !== null) return this.#inner.rename(title, base);
    const former = this.#titleTyped?.base ?? this.#state.title;
    const merged = mergeTitles(base, title, this.title, TITLE_CHARACTERS);
    this.#titleTyped = { base: former, title: merged };
    this.#tell();
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
    return this.#events.on(event, listener);
  }

  whenOpen(): Promise<void> {
    if (this.#isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => this.#openWaiters.push({ resolve, reject }));
  }

  async whenSynchronized(): Promise<void> {
    while (this.#inner === null) {
      if (this.#isClosed()) throw new Error('The document was closed');
      if (!(await this.#take('wait'))) await wait(ANSWER_MS);
    }
    await this.#inner.whenSynchronized();
  }

  networkBack(): void {
    this.#inner?.networkBack();
  }

  networkGone(): void {
    this.#inner?.networkGone();
  }

  storageLost(): void {
    this.#inner?.storageLost();
  }

  /** The page may go away: the queue is written now. */
  suspend(): void {
    this.#inner?.suspend();
  }

  /** The page goes away: another tab may lead. */
  pageGone(): void {
    this.suspend();
    this.#leaveTyped();
    if (this.#mode === 'leading') this.#channel.post({ type: 'gone' });
  }

  /** Everything typed so far is on the device; false when it could not be written. */
  async flush(): Promise<boolean> {
    if (this.#inner === null && (this.#isWaiting || this.#settling !== null)) {
      await this.#taking;
      await this.#settling;
      if (this.#isWaiting) await this.#take('wait');
    }
    return (await this.#inner?.flush()) ?? !this.#isWaiting;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#settling;
    // What was typed before this tab led belongs into the queue first.
    if (this.#isWaiting) await this.#taking;
    if (this.#isWaiting) await this.#take('wait');
    if (this.#isWaiting) this.#leaveTyped();
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

  /**
   * The server does not have the history of this text: has what the text has more than the server's merged into that,
   * as new edits; for a person who may not write, shows the server's text in its place. Rejects, with nothing changed,
   * when that cannot be done now.
   */
  async mergeCopy(options: MergeCopyOptions = {}): Promise<void> {
    await this.#take('wait');
    const led = this.#led;
    const { mergeCopy } = this.#options;
    if (led === null || mergeCopy === undefined) throw new Error('Another tab has the document');
    const copy = led.client.documentText;
    const { led: next, server, merge } = await mergeCopy(led, options);
    if (this.#led !== led) return next.client.close();
    const inner = next.client;
    const merged = inner.documentText;
    this.#led = next;
    // Changes of this replica are never taken for those of the former one.
    this.#count = Math.floor(Math.random() * 2 ** 48);
    this.#forward(inner);
    const toServer = diffTexts(copy.toString(), server.toString());
    this.#events.emit('change', {
      before: copy,
      after: server,
      operation: toServer,
      origin: 'remote',
    });
    const operation = inner.replica.pending;
    const change = { before: server, after: merged, operation, origin: 'remote' } as const;
    this.#events.emit('change', { ...change, mayUndo: true });
    if (this.#hasMirrors) this.#tellEverything();
    const isTwoSided = merge !== null && !isNoOperation(merge.mine) && !isNoOperation(merge.theirs);
    if (isTwoSided) this.#events.emit('merge', merge);
    this.#tell();
  }

  get #inner(): RunningDocumentClient | null {
    return this.#led?.client ?? null;
  }

  /** Something was typed here that no session has yet. */
  get #isWaiting(): boolean {
    return this.#inner === null && (this.#mirror.isWaiting || this.#titleTyped !== null);
  }

  /** How the tab is connected that leads, as far as this one knows. */
  get #former(): 'online' | 'offline' | undefined {
    const { kind } = this.#state.status;
    if (kind === 'opening') return undefined;
    return kind === 'offline' ? 'offline' : 'online';
  }

  /** Who is here: before the first join, as the former leader knew it. */
  get #present(): Pick<SharedState, 'people' | 'peopleTotal' | 'self'> {
    return this.#inner === null || this.#inner.role === null ? this.#state : this.#inner;
  }

  get #shown(): SharedState {
    const { status, title, isTitleSaved, role, version, unsent } = this;
    const { people, peopleTotal, self } = this.#present;
    const carets = this.#inner?.visibleCarets ?? this.#state.carets;
    const about = { status, title, isTitleSaved, role, version, unsent };
    return { ...about, people, peopleTotal, self, carets };
  }

  /** Here, and in the tabs that mirror this one. */
  #tell(): void {
    const shown = this.#shown;
    if (this.#mode === 'leading' && this.#hasMirrors) {
      this.#channel.post({ type: 'state', state: shown });
    }
    this.#events.tell(shown);
  }

  // --- Leading ----------------------------------------------------------------------------------

  #take(how: 'ifFree' | 'wait'): Promise<boolean> {
    if (this.#mode !== 'mirroring') {
      return this.#taking ?? Promise.resolve(this.#mode === 'leading');
    }
    this.#mode = 'taking';
    this.#taking = this.#takeNow(how).finally(() => (this.#taking = null));
    return this.#taking;
  }

  /** Without a lock or a replica now, this tab mirrors on, and tries again when it is wanted. */
  async #takeNow(how: 'ifFree' | 'wait'): Promise<boolean> {
    let isHad = false;
    let isRobbed = false;
    this.#isWanted = false;
    try {
      await this.#settling;
      this.#mayForce = true;
      if (how === 'wait') {
        this.#hasMirrors = true;
        this.#channel.post({ type: 'wanted' });
      }
      isHad = await this.#options.lock.take(how, {
        lost: () => {
          isRobbed = true;
          this.#lost();
        },
        mayForce: () => this.#mayForce && !this.#isClosed(),
      });
      if (isHad && !this.#isClosed()) {
        const led = await this.#options.lead(this.#former);
        if (!this.#isClosed() && !isRobbed) {
          this.#begin(led);
          return true;
        }
        await led.client.close();
      }
    } catch {
      // As if it had not been had.
    }
    if (isHad) this.#options.lock.release();
    if (!this.#isClosed()) this.#mode = 'mirroring';
    return false;
  }

  /** From here on the session's text is the one that is shown, with what was typed meanwhile. */
  #begin(led: Led): void {
    const inner = led.client;
    const before = this.#mirror.visible;
    this.#show(before, this.#mirror.replaced(inner.documentText, 0));
    if (this.#mirror.isWaiting) inner.edit(this.#mirror.typed, this.#mirror.typedEdits);
    this.#mirror = new Mirror();
    this.#led = led;
    this.#mode = 'leading';
    this.#ledSince = Date.now();
    this.#ledLast = true;
    // Changes of one leader are never taken for those of another.
    this.#count = Math.floor(Math.random() * 2 ** 48);
    if (this.#titleTyped !== null) inner.rename(this.#titleTyped.title, this.#titleTyped.base);
    this.#titleTyped = null;
    if (this.#selection !== null) inner.setSelection(within(this.#selection, inner.documentText));
    this.#forward(inner);
    this.#channel.post({ type: 'leads' });
    void inner.whenOpen().then(
      () => this.#opened(),
      () => undefined,
    );
    this.#tell();
    if (this.#isWanted) this.#handOverSoon();
  }

  #forward(inner: RunningDocumentClient): void {
    const isCurrent = (): boolean => this.#inner === inner;
    const tell = (): void => {
      if (isCurrent()) this.#tell();
    };
    inner.on('change', (change) => {
      if (!isCurrent()) return;
      // What was typed in another tab is news to this one's editor.
      this.#events.emit('change', this.#isAdopting ? { ...change, origin: 'remote' } : change);
      if (!this.#hasMirrors) return;
      this.#count++;
      this.#channel.post({ type: 'change', operation: change.operation, count: this.#count });
    });
    inner.on('refused', (refused) => {
      this.#events.emit('refused', refused);
      if (this.#hasMirrors) this.#channel.post({ type: 'refused', refused });
    });
    inner.on('merge', (merge) => {
      this.#events.emit('merge', merge);
      const base = merge.base.toString();
      if (this.#hasMirrors) this.#channel.post({ type: 'merge', ...merge, base });
    });
    inner.on('status', (status) => {
      if (!isCurrent()) return;
      if (status.kind === 'stopped' && status.code === 'superseded') return this.#lost();
      this.#tell();
    });
    inner.on('people', tell);
    inner.on('carets', tell);
    inner.on('title', tell);
    inner.on('role', tell);
  }

  #tellEverything(): void {
    // A leader that is still loading has no text to tell; that it is there is told in any case.
    if (this.#isOpen) this.#channel.post({ type: 'text', text: this.text, count: this.#count });
    this.#channel.post({ type: 'state', state: this.#shown });
  }

  #handOverSoon(): void {
    this.#isWanted = false;
    if (this.#isHandingOver) return;
    this.#isHandingOver = true;
    const waitMs = HELD_AT_LEAST_MS - (Date.now() - this.#ledSince);
    // Without a timer, if possible: in a tab in the background it would take a second or more.
    if (waitMs <= 0) void this.#handOver();
    else setTimeout(() => void this.#handOver(), waitMs);
  }

  async #handOver(): Promise<void> {
    const led = this.#led;
    if (led !== null && this.#mode === 'leading') {
      const isWritten = await led.client.flush();
      if (!isWritten) this.#channel.post({ type: 'kept' });
      else if (this.#led === led && this.isLeading) {
        await this.#stepDown(led);
        if (this.#isWaiting) this.wanted();
      }
    }
    this.#isHandingOver = false;
  }

  /** Another tab took the lead by force. */
  #lost(): void {
    const led = this.#led;
    if (led === null || this.#mode !== 'leading') return;
    void this.#stepDown(led).then(() => {
      if (this.#mode !== 'mirroring') return;
      if (this.#isWaiting) this.wanted();
      this.#ask();
    });
  }

  /** From now on this tab mirrors. Resolves when everything is written, or is typed anew on what is written. */
  #stepDown(led: Led): Promise<void> {
    this.#state = { ...this.#shown, carets: [] };
    this.#mirror = new Mirror(led.client.documentText);
    this.#led = null;
    this.#mode = 'mirroring';
    this.#settling = this.#settle(led).finally(() => (this.#settling = null));
    this.#tell();
    return this.#settling;
  }

  async #settle({ client, kept }: Led): Promise<void> {
    await client.close();
    const mirror = mirrorOfRobbed(kept(), client.replica);
    if (this.#mirror.isWaiting) mirror.edit(this.#mirror.typed, this.#mirror.typedEdits);
    this.#mirror = mirror;
    this.#options.lock.release();
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
        if (this.#mode === 'leading') return;
        this.#ledLast = false;
        this.#mayForce = false;
        return this.#ask();
      case 'gone':
        void this.#succeed();
        return;
      case 'kept':
        this.#mayForce = false;
        this.#leaveTyped();
        return this.#ask();
      case 'typed':
        if (this.#ledLast) this.#adopt(message);
        return;
      default:
        if (this.#inner === null && this.#settling === null) this.#follow(message);
    }
  }

  /** The leader's page is going away, and its lock with it, in a moment. */
  async #succeed(): Promise<void> {
    for (const ms of SUCCEED_AFTER_MS) {
      await wait(ms);
      if (this.#mode !== 'mirroring' || (await this.#take('ifFree'))) return;
    }
  }

  /** Gives what was typed here to whoever leads, without waiting. */
  #leaveTyped(): void {
    if (!this.#isWaiting) return;
    const { base, typed: operation, typedEdits: edits, visible } = this.#mirror;
    const title = this.#titleTyped;
    this.#mirror = new Mirror(visible);
    this.#titleTyped = null;
    this.#channel.post({ type: 'typed', base: base.toString(), operation, edits, title });
  }

  /** Another tab cannot wait for the lead with what was typed there. */
  #adopt({ base, operation, title }: Extract<TabMessage, { type: 'typed' }>): void {
    const typed = new Mirror(DocumentText.from(base));
    typed.edit(operation);
    typed.replaced(this.documentText, 0);
    if (typed.isWaiting) {
      this.#isAdopting = true;
      if (this.#inner !== null) this.#inner.edit(typed.typed);
      else {
        const before = this.#mirror.visible;
        this.#mirror.edit(typed.typed);
        this.#show(before, typed.typed);
        this.wanted();
      }
      this.#isAdopting = false;
    }
    if (title !== null) this.rename(title.title, title.base);
  }

  #follow(
    message: Extract<TabMessage, { type: 'text' | 'change' | 'state' | 'refused' | 'merge' }>,
  ): void {
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
        this.#titleTyped &&= titleOver(this.#titleTyped, message.state.title);
        return this.#tell();
      case 'refused':
        return this.#events.emit('refused', message.refused);
      case 'merge':
        return this.#events.emit('merge', { ...message, base: DocumentText.from(message.base) });
    }
  }

  #show(before: DocumentText, operation: TextOperation): void {
    if (operation.length === 0) return;
    const after = this.#mirror.visible;
    this.#events.emit('change', { before, after, operation, origin: 'remote' });
  }

  // --- Both -------------------------------------------------------------------------------------

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

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A caret that was placed before the text changed is near where it was, never outside. */
function within({ anchor, head }: Selection, { lengthCodePoints }: DocumentText): Selection {
  return { anchor: Math.min(anchor, lengthCodePoints), head: Math.min(head, lengthCodePoints) };
}

/** A title that was typed here, over the one that the leader has now; null when nothing is left of it. */
function titleOver({ base, title }: TypedTitle, now: string): TypedTitle | null {
  const moved = mergeTitles(base, title, now, TITLE_CHARACTERS);
  return moved === now ? null : { base: now, title: moved };
}
