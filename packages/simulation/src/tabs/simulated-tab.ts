/**
 * One tab of a browser: carries out the effects of the leadership as `shared-document-client.ts` does, over a lock, a
 * device and a channel that it shares with the other tabs. Nothing runs in it while it is frozen; it may die at any moment.
 */
import type {
  Leadership,
  LeadershipEffect,
  LeadershipInput,
  LeadershipTimer,
} from '@concord/client';
import type { ClientId } from '@concord/protocol';
import type { TextOperation } from '@concord/ot';
import { must } from '../invariant-error.ts';
import type { Random } from '../random.ts';
import { drawClientId, replicaOf } from '../replica-row.ts';
import type { Scheduled } from '../scheduler.ts';
import type { Browser } from './browser.ts';
import { insertedBy } from './inserted-by.ts';
import type { LockRequest } from './simulated-lock.ts';
import { TabSession } from './tab-session.ts';

/** A lock is free a moment after its page is gone. */
const LOCK_GONE_MS = 50;
const SLOW_LOAD_MS = 5_000;

export class SimulatedTab {
  readonly name: string;
  readonly leadership: Leadership;
  readonly #browser: Browser;
  readonly #random: Random;
  #isDead = false;
  #isFrozen = false;
  #isLookedAt = false;
  /** What would have run while it was frozen. */
  #held: (() => void)[] = [];
  readonly #timers = new Map<LeadershipTimer, Scheduled>();
  #session: TabSession | null = null;
  #loaded: TabSession | null = null;
  /** Being closed, with what it may still hold. */
  #closing: TabSession | null = null;
  #request: LockRequest | null = null;
  #isAdopting = false;
  /** Of tasks within tasks. */
  #depth = 0;
  #hasTold = false;
  /** Typed in this tab, and not in the log when that was looked at last. */
  readonly #typed = new Set<string>();
  /** Since when something of that is shown as saved. */
  #untrueSince = Infinity;

  constructor(browser: Browser, name: string, random: Random) {
    this.#browser = browser;
    this.name = name;
    this.#random = random;
    this.leadership = new browser.cores.Leadership();
  }

  get isDead(): boolean {
    return this.#isDead;
  }
  get isFrozen(): boolean {
    return this.#isFrozen;
  }
  get isLookedAt(): boolean {
    return this.#isLookedAt;
  }
  get session(): TabSession | null {
    return this.#session;
  }

  open(isLookedAt: boolean): void {
    this.#isLookedAt = isLookedAt;
    this.#browser.log.record(this.name, 'opens', isLookedAt ? 'looked at' : '');
    this.step({ type: 'start' });
  }

  /** Runs it now, when the tab goes on, or never. */
  readonly task = (run: () => void): void => {
    if (this.#isDead) return;
    if (this.#isFrozen) return void this.#held.push(run);
    this.#depth++;
    run();
    this.#depth--;
    // Not in between: what is shown changes in several steps.
    if (this.#depth === 0 && !this.#isDead) this.#check();
  };

  freeze(): void {
    if (this.#isFrozen) return;
    this.#browser.log.record(this.name, 'is frozen');
    this.#isFrozen = true;
  }

  thaw(): void {
    if (this.#isDead || !this.#isFrozen) return;
    this.#browser.log.record(this.name, 'goes on');
    this.#isFrozen = false;
    this.#untrueSince = Infinity;
    const held = this.#held;
    this.#held = [];
    for (const run of held) this.task(run);
  }

  /** The person looks at it, or away from it. */
  look(isLookedAt: boolean): void {
    if (this.#isLookedAt === isLookedAt) return;
    this.#isLookedAt = isLookedAt;
    this.task(() => {
      if (isLookedAt) this.step({ type: 'want' });
      else this.#session?.step({ type: 'suspend' });
    });
  }

  /** The editor takes typing. */
  get isWritable(): boolean {
    return this.leadership.mode !== 'closed' && this.leadership.view.status.kind !== 'stopped';
  }

  /** @param operation drawn for the text as it is when the key is handled */
  type(operation: TextOperation): void {
    if (!this.isWritable || operation.length === 0) return;
    const { ledger, log } = this.#browser;
    log.record(this.name, 'types', JSON.stringify(operation));
    const typed = ledger.edited(this.leadership.view.documentText, operation);
    for (const character of typed) this.#typed.add(character);
    this.step({ type: 'edit', operation });
    const text = this.leadership.view.documentText.toString();
    for (const character of typed) {
      must(text.includes(character), 'editor', () => `${this.name} does not show ${character}`);
    }
  }

  /** `pagehide`: the page has a moment to say so, and to ask for its last writes. */
  leave(): void {
    this.#browser.log.record(this.name, 'leaves');
    this.#session?.step({ type: 'suspend' });
    this.step({ type: 'pageGone' });
    this.#die(false);
  }

  crash(): void {
    this.#browser.log.record(this.name, 'crashes');
    this.#browser.device.died(this);
    this.#die(true);
  }

  /** Whether it waits here for the log, or for a session. */
  holds(character: string): boolean {
    const waiting = insertedBy(this.leadership.view.typed);
    const sessions = [this.#session, this.#loaded, this.#closing];
    return waiting.includes(character) || sessions.some((each) => each?.holds(character) === true);
  }

  step(input: LeadershipInput): void {
    if (this.#isDead) return;
    const { scheduler } = this.#browser;
    for (const effect of this.leadership.step(input, scheduler.now)) this.#run(effect);
  }

  #stepLooked(input: LeadershipInput): void {
    this.step({ type: 'looked', isLookedAt: this.#isLookedAt });
    this.step(input);
  }

  /** What is shown as saved is in the log, as far as it was typed here and is shown. */
  #check(): void {
    const { kind } = this.leadership.view.status;
    for (const character of this.#typed) {
      if (!this.#browser.ledger.isOwed(character)) this.#typed.delete(character);
    }
    const isSaved = kind === 'saved' || kind === 'merged';
    const text =
      this.#typed.size > 0 && isSaved ? this.leadership.view.documentText.toString() : '';
    const untrue = [...this.#typed].find((character) => text.includes(character));
    if (untrue === undefined) {
      this.#untrueSince = Infinity;
      return;
    }
    const { scheduler, configuration } = this.#browser;
    this.#untrueSince = Math.min(this.#untrueSince, scheduler.now);
    // A mirror hears of a text and of its state in two messages.
    const graceMs = this.leadership.mode === 'leading' ? 0 : 4 * configuration.messageMs;
    must(
      scheduler.now - this.#untrueSince <= graceMs && graceMs > 0,
      'durable first',
      () => `${this.name} shows "${kind}" with ${untrue} not in the log`,
    );
  }

  /** @param isLossy what no other tab has, nor the device, may be lost with it */
  #die(isCrash: boolean, isLossy = true): void {
    const { lock, scheduler, channel, tabs } = this.#browser;
    this.#isDead = true;
    for (const timer of this.#timers.values()) timer.cancelled = true;
    for (const session of [this.#session, this.#loaded, this.#closing]) session?.vanish();
    const request = this.#request;
    const release = (): void => {
      if (request !== null) lock.release(request);
    };
    scheduler.after(this.#random.integer(0, isCrash ? LOCK_GONE_MS : LOCK_GONE_MS / 5), release);
    tabs.splice(tabs.indexOf(this), 1);
    channel.died(this);
    if (isLossy) this.#browser.forgive();
  }

  #run(effect: LeadershipEffect): void {
    const { channel, lock, log } = this.#browser;
    switch (effect.type) {
      case 'post':
        log.record(this.name, 'posts', effect.message.type);
        return channel.post(this, this.#others, effect.message);
      case 'postState':
        return channel.post(this, this.#others, {
          type: 'state',
          state: this.leadership.view.shown,
        });
      case 'take':
        return this.#take(effect);
      case 'release':
        if (this.#request !== null) lock.release(this.#request);
        this.#request = null;
        return;
      case 'load':
        return this.#load(effect.former);
      case 'run':
        return this.#runLoaded(effect);
      case 'discard': {
        const loaded = this.#loaded;
        this.#loaded = null;
        this.#closing = loaded;
        return loaded?.close(() => this.#stepLooked({ type: 'discarded' }));
      }
      case 'flush':
        return this.#session?.flush((isWritten) => this.step({ type: 'flushed', isWritten }));
      case 'settle': {
        const session = this.#session;
        this.#session = null;
        this.#closing = session;
        return session?.close(() => {
          this.#closing = null;
          this.step({ type: 'settled', kept: session.kept, now: session.replica });
        });
      }
      case 'end': {
        const ended = (): void => this.step({ type: 'ended' });
        if (this.#session === null) return ended();
        return this.#session.close(ended);
      }
      case 'edit':
        this.#isAdopting = effect.origin === 'remote';
        this.#session?.step({ type: 'edit', operation: effect.operation });
        this.#isAdopting = false;
        return;
      case 'rename':
      case 'select':
      case 'showRefused':
      case 'showMerge':
      case 'show':
      case 'tell':
      case 'showOpened':
        return;
      case 'closed':
        log.record(this.name, 'is closed');
        return this.#die(false, this.#session?.isUnwritten === true);
      case 'startTimer': {
        const { name, ms } = effect;
        const former = this.#timers.get(name);
        if (former !== undefined) former.cancelled = true;
        const timer = this.#later(ms, () => {
          if (!timer.cancelled) this.#stepLooked({ type: 'timer', name });
        });
        this.#timers.set(name, timer);
        return;
      }
      case 'cancelTimer': {
        const timer = this.#timers.get(effect.name);
        if (timer !== undefined) timer.cancelled = true;
        return;
      }
      default:
        effect satisfies never;
    }
  }

  get #others(): readonly SimulatedTab[] {
    return this.#browser.tabs.filter((tab) => tab !== this);
  }

  #later(ms: number, run: () => void): Scheduled {
    return this.#browser.scheduler.after(ms, () => this.task(run));
  }

  #take({ how, attempt }: Extract<LeadershipEffect, { type: 'take' }>): void {
    const request: LockRequest = {
      how,
      task: this.task,
      answered: (isHad) => {
        if (!isHad) this.#request = null;
        this.#stepLooked({ type: isHad ? 'lockTaken' : 'lockDenied' });
      },
      lost: () => {
        this.#browser.log.record(this.name, 'lost the lock');
        this.step({ type: 'lockLost', attempt });
      },
      mayForce: () => this.leadership.mayForce,
    };
    this.#request = request;
    this.#browser.lock.take(request);
  }

  /** As browser.ts does: what has unsent edits first, then the newest; in a new term. */
  #load(former: 'online' | 'offline' | undefined): void {
    const { device, cores, configuration } = this.#browser;
    const isSlow = this.#random.chance(configuration.slowLoadChance);
    this.#later(isSlow ? this.#random.integer(0, SLOW_LOAD_MS) : 0, () =>
      device.list(this, (rows) => {
        const replicas = [...rows.values()].map((row) => replicaOf(row.toString(), cores));
        const rank = (replica: (typeof replicas)[number]): number =>
          (replica.inFlight !== null || replica.pendingEdits > 0 ? 1e12 : 0) + replica.version;
        const [best] = replicas.sort((a, b) => rank(b) - rank(a));
        const clientId: ClientId = best?.clientId ?? drawClientId(this.#random);
        device.beginTerm(this, clientId, (term) =>
          device.load(this, clientId, (row) => {
            const { newReplica } = cores;
            const replica =
              row === null
                ? newReplica(this.#browser.documentId, clientId)
                : replicaOf(row.toString(), cores);
            const { name } = this;
            const browser = this.#browser;
            this.#loaded = new TabSession({ browser, page: this, name, replica, term, former });
            const firstCount = this.#random.integer(0, 2 ** 31);
            this.step({ type: 'loaded', session: this.#loaded, firstCount });
          }),
        );
      }),
    );
  }

  #runLoaded({ typed, edits }: Extract<LeadershipEffect, { type: 'run' }>): void {
    const session = this.#loaded;
    this.#loaded = null;
    if (session === null) return;
    this.#browser.log.record(this.name, 'leads', `version ${session.version}`);
    this.#session = session;
    if (typed !== null) session.step({ type: 'edit', operation: typed, edits });
    session.listener = {
      changed: (change) => {
        if (this.#session !== session) return;
        const origin = this.#isAdopting ? 'remote' : change.origin;
        this.step({ type: 'changed', change: { ...change, origin } });
      },
      stateChanged: () => {
        if (this.#session !== session) return;
        this.step({ type: 'stateChanged' });
        this.#tellOpened(session);
      },
    };
    this.#tellOpened(session);
  }

  #tellOpened(session: TabSession): void {
    if (this.#hasTold || !session.isOpen) return;
    this.#hasTold = true;
    this.task(() => this.step({ type: 'opened' }));
  }
}
