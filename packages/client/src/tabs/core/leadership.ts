/**
 * Leader election among the tabs of one browser that show one document: a state machine without clock, randomness or
 * I/O. Of all these tabs one leads: it holds the lock, runs the session, and with it the queue and the connection. The
 * others mirror its text. A tab that is looked at or typed in asks for the lead, and the leader hands it over.
 *
 *   mirroring ──looked at, typed in, leader gone──▶ taking ──lock taken, replica loaded──▶ leading
 *    ▲ ▲ (settling at first, after it led)            │                                      │
 *    │ └──────lock denied or lost, load failed────────┘                                      │
 *    └───────requested elsewhere: queue written, lock released; or lock lost: takeover───────┘
 *
 * and from each of them to `closed`, at `close`. While a tab settles, it mirrors, or is taking the lead again, and its
 * former session is being closed.
 *
 * Inputs are messages of other tabs, answers of the lock (taken, denied, lost), of the device (loaded, flushed, settled)
 * and of the session, timers, and what the person does. Effects post, take and release the lock, load, flush and settle
 * the replica, hand edits to the session, and show. leadership-io.ts has both.
 *
 * What holds, with other tabs that crash, freeze and close at any moment (the simulation checks it):
 *
 * - One writer: the session is run only with the lock held. A tab whose lock was taken by force may not know yet; the
 *   term of the replica refuses its writes, the epoch what it sends (docs/protocol.md#one-writer).
 * - What was typed here and no session has stays in the mirror, shown as unsaved, until a session of this tab takes it,
 *   or it is handed off to the tab that leads or led last.
 * - A lead that is handed over is written before; what a takeover left unwritten is typed anew (lead-takeover.ts).
 * - No tab waits without end: each wait has a timer, or an answer of the lock or the device.
 */
import type { Selection } from '../../core/session-messages.ts';
import { mirrorOfSettled } from './lead-takeover.ts';
import { LeadershipEffects } from './leadership-effects.ts';
import type {
  LeadershipEffect,
  LeadershipInput,
  LeadershipTimer,
  LedSession,
} from './leadership-io.ts';
import { Mirroring } from './mirroring.ts';
import type { HandOffEdits, TabMessage } from './tab-messages.ts';
import { TabView, type ShownView } from './tab-view.ts';
import { Telling } from './telling.ts';
import { Typing } from './typing.ts';

/** Two tabs that are typed in at once do not take the lead from each other at every key. */
const HELD_AT_LEAST_MS = 300;
/** A mirror that is looked at asks this often whether the leader is still there. */
const LOOK_EVERY_MS = 3_000;
/** Several tabs may be closed at once, each a moment after the other. */
const SUCCEED_AFTER_MS = [30, 100, 200, 500];

export type LeadershipMode = 'mirroring' | 'taking' | 'leading' | 'closed';

/** Why the lock was asked for, which says how to go on without it. */
type Purpose = 'start' | 'succession' | 'want';

export class Leadership {
  readonly #effects = new LeadershipEffects();
  readonly #view = new TabView();
  readonly #telling = new Telling(this.#effects, this.#view);
  readonly #mirroring = new Mirroring(this.#effects, this.#view, this.#telling);
  readonly #typing = new Typing(this.#effects, this.#view, this.#telling, () => this.#want());
  #nowMs = 0;
  #mode: LeadershipMode = 'mirroring';
  #isLookedAt = false;
  #selection: Selection | null = null;
  /** The request for the lock that is under way, or was answered last. */
  #attempt = 0;
  #how: 'ifFree' | 'wait' = 'ifFree';
  #purpose: Purpose = 'start';
  /** The lock was lost while the replica was being loaded. */
  #isRobbed = false;
  /** Since this tab asked for the lead none said that it leads, or that it must keep the lead. */
  #mayForce = true;
  /** The former session is being closed, after the lead was handed over or taken over. */
  #settling: 'handOver' | 'takeover' | null = null;
  /** Whose queue is being written, to hand the lead over. */
  #flushing: LedSession | null = null;
  #isHandingOver = false;
  #ledSinceMs = 0;
  /** This tab led, and none has said since that it does. */
  #ledLast = false;
  /** Another tab requested the lead while this one was taking it. */
  #isRequested = false;
  #succession = 0;
  #isClosing = false;
  #hasTriedForClosing = false;
  #wasLeading = false;

  get mode(): LeadershipMode {
    return this.#mode;
  }
  get isSettling(): boolean {
    return this.#settling !== null;
  }
  get isOpen(): boolean {
    return this.#telling.isOpen;
  }
  /** What this tab shows. */
  get view(): ShownView {
    return this.#view;
  }
  /** Asked when a tab that waits for the lock was not given it in time. */
  get mayForce(): boolean {
    return this.#mayForce && this.#mode !== 'closed';
  }

  /**
   * Takes one input in. Returns its effects, to be carried out in their order.
   * @param nowMs by a clock that is never put back
   */
  step(input: LeadershipInput, nowMs: number): readonly LeadershipEffect[] {
    this.#effects.begin();
    this.#nowMs = nowMs;
    this.#handle(input);
    return this.#effects.all;
  }

  #handle(input: LeadershipInput): void {
    switch (input.type) {
      case 'start':
        this.#effects.startTimer('look', LOOK_EVERY_MS);
        return this.#take('ifFree', 'start');
      case 'looked':
        this.#isLookedAt = input.isLookedAt;
        return;
      case 'want':
        return this.#want();
      case 'edit':
        return this.#typing.edit(input.operation);
      case 'rename':
        return this.#typing.rename(input.title, input.base);
      case 'select':
        this.#selection = input.selection;
        if (this.#view.session !== null) this.#effects.push(input);
        return;
      case 'message':
        if (this.#mode !== 'closed') this.#received(input.message);
        return;
      case 'lockTaken':
        return this.#lockTaken();
      case 'lockDenied':
        return this.#notLed();
      case 'lockLost':
        if (input.attempt === this.#attempt) this.#lost();
        return;
      case 'loaded':
        return this.#loaded(input);
      case 'loadFailed':
      case 'discarded':
        this.#effects.push({ type: 'release' });
        return this.#notLed();
      case 'changed':
        return this.#telling.changed(input.change);
      case 'refused':
        return this.#telling.refused(input.refused);
      case 'merged':
        return this.#telling.merged(input.merge);
      case 'stateChanged':
        return this.#stateChanged();
      case 'opened':
        return this.#telling.opened();
      case 'flushed':
        return this.#flushed(input.isWritten);
      case 'settled':
        return this.#settled(input);
      case 'replaced':
        return this.#telling.replaced(input);
      case 'timer':
        return this.#timer(input.name);
      case 'pageGone':
        this.#typing.handOff();
        if (this.#mode === 'leading') this.#effects.post({ type: 'leaderLeft' });
        return;
      case 'close':
        this.#isClosing = true;
        return this.#goOnClosing();
      case 'ended':
        this.#effects.push({ type: 'release' });
        if (this.#wasLeading) this.#effects.post({ type: 'leaderLeft' });
        return this.#effects.push({ type: 'closed' });
    }
  }

  // --- Taking the lead --------------------------------------------------------------------------

  #want(): void {
    this.#take('wait', 'want');
  }

  #take(how: 'ifFree' | 'wait', purpose: Purpose): void {
    if (this.#mode !== 'mirroring') return;
    this.#mode = 'taking';
    this.#how = how;
    this.#purpose = purpose;
    this.#isRequested = false;
    if (this.#settling === null) this.#request();
  }

  #request(): void {
    this.#mayForce = true;
    this.#isRobbed = false;
    if (this.#how === 'wait') {
      this.#telling.hasMirrors = true;
      this.#effects.post({ type: 'requestLead' });
    }
    this.#effects.push({ type: 'take', how: this.#how, attempt: ++this.#attempt });
  }

  #lockTaken(): void {
    if (this.#mode === 'taking') this.#effects.push({ type: 'load', former: this.#view.former });
    else this.#effects.push({ type: 'release' });
  }

  #loaded({ session, firstCount }: Extract<LeadershipInput, { readonly type: 'loaded' }>): void {
    if (this.#mode !== 'taking' || this.#isRobbed) return this.#effects.push({ type: 'discard' });
    // From here on the session's text is the one that is shown, with what was typed meanwhile.
    const shown = this.#view.replaced(session.documentText, 0);
    this.#effects.push({ type: 'run', ...this.#view.lead(session, this.#selection) });
    this.#mode = 'leading';
    this.#ledSinceMs = this.#nowMs;
    this.#ledLast = true;
    this.#telling.begin(firstCount);
    this.#effects.show(shown);
    this.#telling.leads();
    this.#telling.state();
    if (this.#isRequested) this.#handOverSoon();
    this.#goOnClosing();
  }

  /** Without a lock or a replica this tab mirrors on, and tries again when it is wanted. */
  #notLed(): void {
    if (this.#mode !== 'taking') return;
    this.#mode = 'mirroring';
    if (this.#isClosing) return this.#goOnClosing();
    if (this.#purpose === 'start') {
      if (this.#isLookedAt) this.#want();
      else this.#mirroring.ask();
    } else if (this.#purpose === 'succession') this.#succeedLater();
  }

  // --- Leading ----------------------------------------------------------------------------------

  #stateChanged(): void {
    const { session } = this.#view;
    if (session === null) return;
    const { status } = session;
    // Another tab writes the replica: the lock may tell later, or not at all.
    if (status.kind === 'stopped' && status.code === 'superseded') return this.#lost();
    this.#telling.state();
  }

  #handOverSoon(): void {
    this.#isRequested = false;
    if (this.#isHandingOver) return;
    this.#isHandingOver = true;
    const waitMs = HELD_AT_LEAST_MS - (this.#nowMs - this.#ledSinceMs);
    // Without a timer, if possible: in a tab in the background it would take a second or more.
    if (waitMs <= 0) this.#handOver();
    else this.#effects.startTimer('handOver', waitMs);
  }

  #handOver(): void {
    const { session } = this.#view;
    this.#isHandingOver = session !== null && this.#mode === 'leading';
    if (!this.#isHandingOver) return;
    this.#flushing = session;
    this.#effects.push({ type: 'flush' });
  }

  #flushed(isWritten: boolean): void {
    const isCurrent = this.#flushing === this.#view.session && this.#mode === 'leading';
    this.#flushing = null;
    if (isWritten && isCurrent) return this.#stepDown('handOver');
    this.#isHandingOver = false;
    // A tab that was robbed meanwhile has no lead to keep.
    if (isCurrent) this.#effects.post({ type: 'leadRefused' });
  }

  /** Another tab took the lock by force. */
  #lost(): void {
    if (this.#mode === 'taking') this.#isRobbed = true;
    else if (this.#mode === 'leading') this.#stepDown('takeover');
  }

  /** From now on this tab mirrors. It is settled when everything is written, or is typed anew on what is written. */
  #stepDown(why: 'handOver' | 'takeover'): void {
    const { session } = this.#view;
    if (session === null) return;
    this.#view.stepDown(session);
    this.#mode = 'mirroring';
    this.#settling = why;
    this.#effects.push({ type: 'settle' });
    this.#telling.state();
  }

  #settled({ kept, now }: Extract<LeadershipInput, { readonly type: 'settled' }>): void {
    const why = this.#settling;
    if (why === null) return;
    this.#settling = null;
    if (why === 'handOver') this.#isHandingOver = false;
    this.#view.mirror = mirrorOfSettled(kept, now, this.#view.mirror);
    this.#effects.push({ type: 'release' });
    if (this.#mode === 'taking') return this.#request();
    if (this.#view.isWaiting) this.#want();
    if (why === 'takeover') this.#mirroring.ask();
    this.#goOnClosing();
  }

  // --- Mirroring --------------------------------------------------------------------------------

  #received(message: TabMessage): void {
    switch (message.type) {
      case 'hello':
        if (this.#mode !== 'leading') return;
        this.#telling.hasMirrors = true;
        return this.#telling.everything();
      case 'requestLead':
        this.#telling.hasMirrors = true;
        if (this.#mode === 'leading') this.#handOverSoon();
        else if (this.#mode === 'taking') this.#isRequested = true;
        return;
      case 'leads':
        if (this.#mode === 'leading') return;
        this.#ledLast = false;
        this.#mayForce = false;
        this.#view.leaderCount = message.count ?? null;
        return this.#mirroring.ask();
      case 'leaderLeft':
        // The leader's page is going away, and its lock with it, in a moment.
        this.#succession = 0;
        return this.#effects.startTimer('succeed', SUCCEED_AFTER_MS[0] ?? 0);
      case 'leadRefused':
        this.#mayForce = false;
        // A tab that settles does not know yet what it has to hand off.
        if (this.#settling === null) this.#typing.handOff();
        return this.#mirroring.ask();
      case 'handOffEdits':
        if (this.#isFor(message)) this.#typing.adopt(message);
        return;
      default:
        if (this.#view.session === null && this.#settling === null) this.#mirroring.follow(message);
    }
  }

  /** Also when this tab was robbed of the lead, and the sender does not know: the new leader leaves it to this one. */
  #isFor({ to }: HandOffEdits): boolean {
    return to === undefined ? this.#ledLast : this.#telling.isOwn(to);
  }

  #succeedLater(): void {
    const waitMs = SUCCEED_AFTER_MS[++this.#succession];
    if (waitMs !== undefined) this.#effects.startTimer('succeed', waitMs);
  }

  // --- All of them ------------------------------------------------------------------------------

  #timer(name: LeadershipTimer): void {
    if (this.#mode === 'closed') return;
    switch (name) {
      case 'look':
        this.#effects.startTimer('look', LOOK_EVERY_MS);
        if (this.#mode !== 'mirroring') return;
        if (this.#view.isWaiting) this.#want();
        else if (this.#isLookedAt) this.#mirroring.ask();
        return;
      case 'answer':
        this.#mirroring.notAnswered();
        return this.#want();
      case 'handOver':
        return this.#handOver();
      case 'succeed':
        return this.#take('ifFree', 'succession');
      case 'doubt':
        return this.#mirroring.resolveDoubt(this.#mode === 'mirroring');
    }
  }

  /** What was typed before this tab led belongs into the queue first; it is handed off when the lead cannot be had. */
  #goOnClosing(): void {
    if (!this.#isClosing || this.#mode === 'closed' || this.#settling !== null) return;
    if (this.#view.isWaiting) {
      if (this.#mode === 'taking') return;
      if (!this.#hasTriedForClosing) {
        this.#hasTriedForClosing = true;
        return this.#want();
      }
      this.#typing.handOff();
    }
    this.#wasLeading = this.#mode === 'leading';
    this.#mode = 'closed';
    for (const name of ['look', 'answer', 'doubt', 'handOver', 'succeed'] as const) {
      this.#effects.cancelTimer(name);
    }
    this.#effects.push({ type: 'end' });
  }
}
