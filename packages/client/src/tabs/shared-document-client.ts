/**
 * A document as one tab of this browser has it, whether this tab leads or mirrors the one that does. What decides that
 * is core/leadership.ts; this is its adapter: it feeds the core with messages, answers of the lock and the device, timers
 * and what the person does, and carries out the effects.
 *
 * So a person's edits in several tabs are one queue under one client id, with or without a network, and there is
 * never more than one writer of it (I4). Tabs without shared storage lead each for itself.
 */
import { diffTexts, insertAt, removeAt, type DocumentText, type TextOperation } from '@concord/ot';
import type { Selection } from '../core/session-messages.ts';
import type { DocumentClient, DocumentClientEvents, DocumentView } from '../document-client-api.ts';
import type { RunningDocumentClient } from '../document-client.ts';
import { newsOf, unknownView, ViewStore, viewTold } from '../document-view.ts';
import { Leadership } from './core/leadership.ts';
import type { LeadershipEffect, LeadershipInput, LeadershipTimer } from './core/leadership-io.ts';
import type { TabMessage } from './core/tab-messages.ts';
import { RunningSession } from './led-session.ts';
import type { Led, MergeCopyOptions, SharedDocumentOptions } from './shared-document-options.ts';
import { TabChannel } from './tab-channel.ts';
import { TabEvents } from './tab-events.ts';

/** Without the lead, `whenSynchronized` asks for it this often. */
const ASK_AGAIN_MS = 1_000;

export class SharedDocumentClient implements DocumentClient {
  readonly #options: SharedDocumentOptions;
  readonly #core = new Leadership();
  readonly #channel: TabChannel;
  readonly #timers = new Map<LeadershipTimer, ReturnType<typeof setTimeout>>();
  /** Of the tab that leads. */
  #led: Led | null = null;
  /** As the tab told it that leads; of a tab that leads, as the one before it did. */
  #toldView = unknownView;
  readonly #views = new ViewStore(() => this.#readView());
  readonly #events = new TabEvents(this.#views);
  /** Loaded, and not yet decided whether it is run. */
  #loaded: Led | null = null;
  /** An edit is carried out that was typed in another tab. */
  #isAdopting = false;
  #openWaiters: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #stillWaiters: (() => void)[] = [];
  #closing: Promise<void> | null = null;
  #closed = (): void => undefined;

  constructor(options: SharedDocumentOptions) {
    this.#options = options;
    this.#channel = new TabChannel(options.name, (message) => this.#received(message));
  }

  /**
   * Leads when no tab does, or when the person looks at this one; mirrors else. Resolves when it leads, or when it has
   * the text of the one that does: several tabs may be opened at once, and all but one of them wait for the lead.
   */
  async start(): Promise<void> {
    this.#step({ type: 'start' });
    await Promise.race([this.#untilStill(), this.whenOpen().catch(() => undefined)]);
  }

  /** The person looks at this tab: it leads from now on. */
  wanted(): void {
    this.#step({ type: 'want' });
  }

  get isLeading(): boolean {
    return this.#core.mode === 'leading';
  }
  get documentText(): DocumentText {
    return this.#core.view.documentText;
  }
  get text(): string {
    return this.documentText.toString();
  }
  get view(): DocumentView {
    return this.#views.view;
  }

  edit(operation: TextOperation): void {
    this.#step({ type: 'edit', operation });
  }

  insert(position: number, text: string): void {
    this.edit(insertAt(position, text));
  }

  remove(position: number, count: number): void {
    this.edit(removeAt(position, count));
  }

  rename(title: string, base = this.view.title): void {
    this.#step({ type: 'rename', title, base });
  }

  setSelection(selection: Selection | null): void {
    this.#step({ type: 'select', selection });
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#views.subscribe(listener);

  on<E extends keyof DocumentClientEvents>(
    event: E,
    listener: DocumentClientEvents[E],
  ): () => void {
    return this.#events.on(event, listener);
  }

  whenOpen(): Promise<void> {
    if (this.#core.isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => this.#openWaiters.push({ resolve, reject }));
  }

  async whenSynchronized(): Promise<void> {
    let client: RunningDocumentClient | undefined;
    while ((client = this.#led?.client) === undefined) {
      if (this.#core.mode === 'closed') throw new Error('The document was closed');
      await this.#lead();
      if (this.#led === null) await wait(ASK_AGAIN_MS);
    }
    await client.whenSynchronized();
  }

  networkBack(): void {
    this.#led?.client.networkBack();
  }

  networkGone(): void {
    this.#led?.client.networkGone();
  }

  storageLost(): void {
    this.#led?.client.storageLost();
  }

  /** The page may go away: the queue is written now. */
  suspend(): void {
    this.#led?.client.suspend();
  }

  /** The page goes away: another tab may lead. */
  pageGone(): void {
    this.suspend();
    this.#step({ type: 'pageGone' });
  }

  /** Everything typed so far is on the device; false when it could not be written. */
  async flush(): Promise<boolean> {
    const { view } = this.#core;
    if (this.#led === null && (view.isWaiting || this.#core.isSettling)) {
      await this.#untilStill();
      if (view.isWaiting) await this.#lead();
    }
    return (await this.#led?.client.flush()) ?? !view.isWaiting;
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#closed = resolve;
      this.#step({ type: 'close' });
    });
    return this.#closing;
  }

  /**
   * The server does not have the history of this text: has what the text has more than the server's merged into that,
   * as new edits; for a person who may not write, shows the server's text in its place. Rejects, with nothing changed,
   * when that cannot be done now.
   */
  async mergeCopy(options: MergeCopyOptions = {}): Promise<void> {
    await this.#lead();
    const led = this.#led;
    const { mergeCopy } = this.#options;
    if (led === null || mergeCopy === undefined) throw new Error('Another tab has the document');
    const copy = led.client.documentText;
    const { led: next, server, merge } = await mergeCopy(led, options);
    if (this.#led !== led) return next.client.close();
    this.#led = next;
    this.#forward(next.client);
    this.#step({
      type: 'replaced',
      session: new RunningSession(next.client),
      copy,
      server,
      toServer: diffTexts(copy.toString(), server.toString()),
      merged: next.client.replica.pending,
      merge,
      firstCount: randomCount(),
    });
  }

  /** Tries to lead, when it does not. */
  async #lead(): Promise<void> {
    this.wanted();
    await this.#untilStill();
  }

  /** Resolves when this tab neither takes the lead nor settles. */
  async #untilStill(): Promise<void> {
    if (this.#isStill) return;
    await new Promise<void>((resolve) => this.#stillWaiters.push(resolve));
  }

  get #isStill(): boolean {
    return this.#core.mode !== 'taking' && !this.#core.isSettling;
  }

  #received(message: TabMessage): void {
    // A tab that has a session goes by that, as the core does.
    const isHeard = this.#led === null && !this.#core.isSettling;
    if (message.type === 'state' && isHeard) this.#toldView = viewTold(message.state);
    this.#step({ type: 'message', message });
  }

  /** What the core combines with what was typed here; all else as the session has it, or the tab that leads. */
  #readView(): DocumentView {
    const { carets: _carets, ...combined } = this.#core.view.shown;
    return { ...this.#toldView, ...this.#led?.client.view, ...combined };
  }

  /**
   * Effects are carried out at once, so that an edit is in the text when `edit` returns. Only listeners wait
   * (tab-events.ts): one that edits from inside an event causes steps, whose effects come before the rest of these.
   */
  #step(input: LeadershipInput): void {
    for (const effect of this.#core.step(input, performance.now())) this.#run(effect);
    if (!this.#isStill) return;
    for (const resolve of this.#stillWaiters.splice(0)) resolve();
  }

  /** As `step`, for what depends on whether the person looks at this tab. */
  #stepLooked(input: LeadershipInput): void {
    this.#step({ type: 'looked', isLookedAt: this.#options.isLookedAt() });
    this.#step(input);
  }

  #run(effect: LeadershipEffect): void {
    switch (effect.type) {
      case 'post':
        return this.#channel.post(effect.message);
      case 'postState':
        return this.#channel.post({
          type: 'state',
          state: { ...this.#core.view.shown, ...this.view },
        });
      case 'take':
        return this.#take(effect);
      case 'release':
        return this.#options.lock.release();
      case 'load':
        return this.#load(effect.former);
      case 'run':
        return this.#runLoaded(effect);
      case 'discard': {
        const loaded = this.#loaded;
        this.#loaded = null;
        return after(loaded?.client.close(), () => this.#stepLooked({ type: 'discarded' }));
      }
      case 'flush':
        return after(this.#led?.client.flush() ?? Promise.resolve(false), (isWritten) =>
          this.#step({ type: 'flushed', isWritten: isWritten === true }),
        );
      case 'settle': {
        const led = this.#led;
        this.#led = null;
        if (led === null) return;
        this.#toldView = led.client.view;
        return after(led.client.close(), () =>
          this.#step({ type: 'settled', kept: led.kept(), now: led.client.replica }),
        );
      }
      case 'end':
        return after(this.#led?.client.close(), () => this.#step({ type: 'ended' }));
      case 'edit':
        this.#isAdopting = effect.origin === 'remote';
        try {
          this.#led?.client.edit(effect.operation);
        } finally {
          this.#isAdopting = false;
        }
        return;
      case 'rename':
        return this.#led?.client.rename(effect.title, effect.base);
      case 'select':
        return this.#led?.client.setSelection(effect.selection);
      case 'show':
        return this.#events.emit('change', effect.change);
      case 'showRefused':
        return this.#events.emit('refused', effect.refused);
      case 'showMerge':
        return this.#events.emit('merge', effect.merge);
      case 'tell':
        this.#events.viewChanged();
        return this.#events.caretsChanged(this.#core.view.shown.carets);
      case 'showOpened':
        for (const waiter of this.#openWaiters.splice(0)) waiter.resolve();
        return;
      case 'closed': {
        this.#channel.close();
        const error = new Error('The document was closed');
        for (const waiter of this.#openWaiters.splice(0)) waiter.reject(error);
        return this.#closed();
      }
      case 'startTimer': {
        const { name, ms } = effect;
        clearTimeout(this.#timers.get(name));
        const timeIsUp = (): void => this.#stepLooked({ type: 'timer', name });
        this.#timers.set(name, setTimeout(timeIsUp, ms));
        return;
      }
      case 'cancelTimer':
        return clearTimeout(this.#timers.get(effect.name));
      default:
        effect satisfies never;
    }
  }

  #take({ how, attempt }: Extract<LeadershipEffect, { readonly type: 'take' }>): void {
    const holder = {
      lost: () => this.#step({ type: 'lockLost', attempt }),
      mayForce: () => this.#core.mayForce,
    };
    this.#options.lock.take(how, holder).then(
      (isHad) => this.#stepLooked({ type: isHad ? 'lockTaken' : 'lockDenied' }),
      () => this.#stepLooked({ type: 'lockDenied' }),
    );
  }

  #load(former: 'online' | 'offline' | undefined): void {
    this.#options.lead(former).then(
      (led) => {
        this.#loaded = led;
        const session = new RunningSession(led.client);
        this.#step({ type: 'loaded', session, firstCount: randomCount() });
      },
      () => this.#stepLooked({ type: 'loadFailed' }),
    );
  }

  #runLoaded(effect: Extract<LeadershipEffect, { readonly type: 'run' }>): void {
    const { typed, edits, title, selection } = effect;
    const led = this.#loaded;
    this.#loaded = null;
    if (led === null) return;
    this.#led = led;
    const { client } = led;
    if (typed !== null) client.edit(typed, edits);
    if (title !== null) client.rename(title.title, title.base);
    if (selection !== null) client.setSelection(selection);
    this.#forward(client);
    client.whenOpen().then(
      () => this.#step({ type: 'opened' }),
      () => undefined,
    );
  }

  /** Events of the session become inputs, for as long as it is the tab's. */
  #forward(client: RunningDocumentClient): void {
    const isCurrent = (): boolean => this.#led?.client === client;
    const stateChanged = (): void => {
      if (isCurrent()) this.#step({ type: 'stateChanged' });
    };
    client.on('change', (change) => {
      if (!isCurrent()) return;
      // What was typed in another tab is news to this one's editor.
      const origin = this.#isAdopting ? 'remote' : change.origin;
      this.#step({ type: 'changed', change: { ...change, origin } });
    });
    client.on('refused', (refused) => this.#step({ type: 'refused', refused }));
    client.on('merge', (merge) => this.#step({ type: 'merged', merge }));
    client.on('carets', stateChanged);
    let view = client.view;
    client.subscribe(() => {
      const news = newsOf(view, client.view);
      view = client.view;
      if (news !== null) stateChanged();
      // Counts alone are told to other tabs with the next news: they change with every key.
      else if (isCurrent()) this.#events.viewChanged();
    });
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const randomCount = (): number => Math.floor(Math.random() * 2 ** 48);

/** Also when the first fails. */
function after<T>(first: Promise<T> | undefined, then: (value: T | undefined) => void): void {
  if (first === undefined) return then(undefined);
  first.then(then, () => then(undefined));
}
