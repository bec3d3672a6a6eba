/**
 * A session that a tab runs: carries out a ClientSession's effects as `document-client.ts` does, over the shared device
 * and a connection of its own.
 */
import type {
  ClientSession,
  DocumentStatus,
  LedSession,
  Replica,
  SessionEffect,
  SessionInput,
  TextChanged,
  TimerName,
} from '@concord/client';
import type { DocumentText } from '@concord/ot';
import type { Person, Role, ServerMessage } from '@concord/protocol';
import { ClientLink } from '../client-link.ts';
import { InvariantError } from '../invariant-error.ts';
import { rowOf } from '../replica-row.ts';
import type { Scheduled } from '../scheduler.ts';
import type { SimulatedSnapshot } from '../simulated-server.ts';
import type { Browser } from './browser.ts';
import { insertedBy } from './inserted-by.ts';
import type { DevicePage } from './shared-device.ts';

/** As of document-client.ts: a device that does not answer is not waited for when the lead is given up. */
const FLUSH_MS = 2_000;

export interface TabSessionOptions {
  readonly browser: Browser;
  readonly page: DevicePage;
  readonly name: string;
  readonly replica: Replica;
  readonly term: number;
  readonly former: 'online' | 'offline' | undefined;
}

export interface TabSessionListener {
  changed(change: TextChanged): void;
  stateChanged(): void;
}

export class TabSession implements LedSession {
  readonly #options: TabSessionOptions;
  readonly #session: ClientSession;
  readonly #link: ClientLink;
  readonly #timers = new Map<TimerName, Scheduled>();
  #connectTimer: Scheduled | null = null;
  readonly #effects: SessionEffect[] = [];
  #isRunning = false;
  #isClosed = false;
  #status: DocumentStatus;
  #kept: Replica;
  #writing = 0;
  /** The latest write that was answered. */
  #hasFailed = false;
  #idle: (() => void)[] = [];
  /** Whose session it is; none before it is decided that it is run. */
  listener: TabSessionListener | null = null;

  constructor(options: TabSessionOptions) {
    const { browser, page, name, replica, former } = options;
    this.#options = options;
    this.#kept = replica;
    this.#session = new browser.cores.ClientSession(replica);
    this.#status = browser.cores.statusOf(this.#session);
    const { scheduler, network, server, log } = browser;
    const guest = { userId: 'user0', name, role: 'editor' } as const;
    this.#link = new ClientLink(
      { scheduler, network, server, log, guest },
      {
        connected: () => page.task(() => this.step({ type: 'connected' })),
        disconnected: () => page.task(() => this.step({ type: 'disconnected' })),
        message: (frame) =>
          page.task(() =>
            this.step({ type: 'message', message: JSON.parse(frame) as ServerMessage }),
          ),
      },
    );
    this.#link.isOffline = browser.isOffline;
    browser.links.add(this.#link);
    this.step({ type: 'start', former });
  }

  get documentText(): DocumentText {
    return this.#session.buffer.visible;
  }
  get status(): DocumentStatus {
    return this.#status;
  }
  get title(): string {
    return this.#session.title;
  }
  get isTitleKnown(): boolean {
    return this.#session.isTitleKnown;
  }
  get isTitleSaved(): boolean {
    return this.#session.isTitleSaved;
  }
  get people(): readonly Person[] {
    return this.#session.people;
  }
  get peopleTotal(): number {
    return this.#session.peopleTotal;
  }
  get self(): number {
    return this.#session.self;
  }
  get role(): Role | null {
    return this.#session.role;
  }
  get version(): number {
    return this.#session.buffer.version;
  }
  get unsent(): number {
    const { inFlight, pendingEdits } = this.#session.buffer;
    return (inFlight?.edits ?? 0) + pendingEdits;
  }
  get visibleCarets(): readonly [] {
    return [];
  }
  get isOpen(): boolean {
    return this.#session.opened;
  }
  get replica(): Replica {
    return this.#session.replica;
  }
  /** As the device has it, for all this tab was told. */
  get kept(): Replica {
    return this.#kept;
  }

  /** The device does not have it as it is. */
  get isUnwritten(): boolean {
    return this.#hasFailed;
  }

  /** Whether the character waits here for the log. */
  holds(character: string): boolean {
    const { inFlight, pending } = this.#session.buffer;
    return [inFlight?.op ?? [], pending].some((op) => insertedBy(op).includes(character));
  }

  step(input: SessionInput): void {
    if (this.#isClosed) return;
    for (const effect of this.#session.step(input)) this.#effects.push(effect);
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let effect = this.#effects.shift(); effect; effect = this.#effects.shift()) {
      this.#run(effect);
    }
    this.#isRunning = false;
    const status = this.#options.browser.cores.statusOf(this.#session);
    const isNews = JSON.stringify(status) !== JSON.stringify(this.#status);
    this.#status = status;
    if (isNews) this.listener?.stateChanged();
  }

  /** Answered within two seconds. */
  flush(done: (isWritten: boolean) => void): void {
    let isAnswered = false;
    const answer = (isWritten: boolean): void => {
      if (isAnswered) return;
      isAnswered = true;
      done(isWritten);
    };
    this.#write(this.replica, (isSaved) => answer(isSaved));
    this.#later(FLUSH_MS, () => answer(false));
  }

  /** Writes what is left. `done` when the device has answered, or has not for too long. */
  close(done: () => void): void {
    this.step({ type: 'close' });
    this.vanish();
    let isDone = false;
    const end = (): void => {
      if (isDone) return;
      isDone = true;
      done();
    };
    if (this.#writing > 0) this.#idle.push(end);
    else this.#options.page.task(end);
    this.#later(FLUSH_MS, end);
  }

  /** Nothing happens in it any more. */
  vanish(): void {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) timer.cancelled = true;
    this.#timers.clear();
    if (this.#connectTimer !== null) this.#connectTimer.cancelled = true;
    this.#link.disconnect();
    this.#options.browser.links.delete(this.#link);
  }

  #run(effect: SessionEffect): void {
    const { browser, name, page } = this.#options;
    switch (effect.type) {
      case 'connect': {
        if (this.#connectTimer !== null) this.#connectTimer.cancelled = true;
        const { minDelayMs, maxDelayMs } = effect;
        const delay = minDelayMs + browser.random.next() * (maxDelayMs - minDelayMs);
        const connect = (): void => {
          if (!this.#isClosed) this.#link.connect();
        };
        this.#connectTimer = browser.scheduler.after(delay, () => page.task(connect));
        return;
      }
      case 'disconnect':
        if (this.#connectTimer !== null) this.#connectTimer.cancelled = true;
        return this.#link.disconnect();
      case 'send':
        return this.#link.send(effect.message);
      case 'save':
        return this.#write(effect.replica, (isSaved, isSuperseded) => {
          const type = isSaved ? 'saved' : 'saveFailed';
          this.step(isSuperseded ? { type: 'superseded' } : { type, ticket: effect.ticket });
        });
      case 'startTimer':
        return this.#startTimer(effect.name, effect.ms);
      case 'cancelTimer': {
        const timer = this.#timers.get(effect.name);
        if (timer !== undefined) timer.cancelled = true;
        this.#timers.delete(effect.name);
        return;
      }
      case 'fetchSnapshot':
        return this.#fetchSnapshot(effect);
      case 'changed': {
        const { before, after, operation, origin } = effect;
        return this.listener?.changed({ before, after, operation, origin });
      }
      case 'peopleChanged':
      case 'titleChanged':
      case 'roleChanged':
        return this.listener?.stateChanged();
      case 'caretsChanged':
      case 'merged':
        return;
      case 'create':
      case 'rename':
      case 'editRefused':
      case 'effectsRefused':
      case 'overtaken':
      case 'diverged':
        // Nothing here calls for it.
        throw new InvariantError(effect.type, `${name} ${JSON.stringify(effect)}`);
      default:
        effect satisfies never;
    }
  }

  #write(replica: Replica, done: (isSaved: boolean, isSuperseded: boolean) => void): void {
    const { browser, page, name, term } = this.#options;
    this.#writing++;
    const { clientId } = replica;
    browser.device.write(page, { clientId, term, row: rowOf(replica) }, (outcome) => {
      this.#hasFailed = outcome !== 'saved';
      if (outcome === 'saved') this.#kept = replica;
      else browser.log.record(name, outcome);
      this.#writing--;
      done(outcome === 'saved', outcome === 'superseded');
      if (this.#writing === 0) for (const idle of this.#idle.splice(0)) idle();
    });
  }

  #startTimer(name: TimerName, ms: number): void {
    const former = this.#timers.get(name);
    if (former !== undefined) former.cancelled = true;
    const timer = this.#later(ms, () => {
      if (this.#timers.get(name) !== timer || timer.cancelled) return;
      this.#timers.delete(name);
      this.step({ type: 'timer', name });
    });
    this.#timers.set(name, timer);
  }

  #later(ms: number, run: () => void): Scheduled {
    const { browser, page } = this.#options;
    return browser.scheduler.after(ms, () => page.task(run));
  }

  #fetchSnapshot(asked: Extract<SessionEffect, { type: 'fetchSnapshot' }>): void {
    const { browser, page } = this.#options;
    const { scheduler, network, server, cores } = browser;
    const answered = (snapshot: SimulatedSnapshot | null): void => {
      if (snapshot === null) return this.step({ type: 'snapshotFailed', detail: 'failed' });
      const text = cores.DocumentText.from(snapshot.text);
      this.step({ type: 'snapshot', ...snapshot, text });
    };
    const { atLeastVersion, afterVersion, head } = asked;
    scheduler.after(network.latency(), () =>
      server.snapshot(atLeastVersion, afterVersion, head, (snapshot) => {
        scheduler.after(network.latency(), () =>
          page.task(() => answered(browser.isOffline ? null : snapshot)),
        );
      }),
    );
  }
}
