/**
 * Whether the store is asked at all: while it does not answer, requests are refused at once instead of queueing.
 *
 *   closed ──failures in a row, or silence──▶ open ──wait is over──▶ halfOpen ──▶ the next call is the probe
 *     ▲                                        ▲                        │
 *     │                                        └──failure or silence────┤ waits twice as long
 *     └──an answer, of whatever call: a probe, an append, a late one────┘
 *
 * - **An answer** is whatever the store decided, refusals included: a conflict is the caller's.
 * - **Silence**: calls are pending, and for some time none of them was answered. A hung database is noticed while
 *   the deadlines of its calls still run.
 * - Time is counted in ticks of its adapter, not by a clock: a process that was suspended, or whose event loop was blocked,
 *   counts one tick, and reads the answers that came meanwhile before the next one.
 */

export type BreakerState = 'closed' | 'open' | 'halfOpen';

export interface BreakerLimits {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Ticks without any answer to pending calls that open it. */
  readonly silentTicks: number;
  /** Ticks until the first probe; twice as many after each that failed, up to `waitTicksMax`. */
  readonly waitTicks: number;
  readonly waitTicksMax: number;
}

export class CircuitBreaker {
  readonly #limits: BreakerLimits;
  #state: BreakerState = 'closed';
  #failures = 0;
  #silentTicks = 0;
  /** Whether the store has answered, or failed, since the last tick. */
  #wasHeard = false;
  #waitTicks: number;
  #ticksLeft = 0;
  #isProbing = false;

  constructor(limits: BreakerLimits) {
    this.#limits = limits;
    this.#waitTicks = limits.waitTicks;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Ticks until a probe may be made; 0 when it may now. */
  get ticksLeft(): number {
    return this.#ticksLeft;
  }

  /** Whether a call may be made. `probe`: alone, to find out whether the store answers again. */
  admit(): 'call' | 'probe' | 'refused' {
    if (this.#state === 'closed') return 'call';
    if (this.#state === 'open' || this.#isProbing) return 'refused';
    this.#isProbing = true;
    return 'probe';
  }

  /** The store answered a call. Returns whether that closed the breaker. */
  answered(): boolean {
    this.#wasHeard = true;
    this.#failures = 0;
    this.#silentTicks = 0;
    if (this.#state === 'closed') return false;
    this.#state = 'closed';
    this.#waitTicks = this.#limits.waitTicks;
    this.#ticksLeft = 0;
    this.#isProbing = false;
    return true;
  }

  /** A call failed, or was not answered by its deadline. Returns whether that opened the breaker. */
  failed(): boolean {
    this.#wasHeard = true;
    this.#failures += 1;
    // While open, calls from before fail as well, which says nothing new.
    if (this.#state === 'halfOpen') return this.#openAgain();
    return this.#state === 'closed' && this.#failures >= this.#limits.failures && this.#open();
  }

  /**
   * Some time has passed.
   * @param isPending whether calls wait for an answer
   * Returns whether that opened the breaker.
   */
  tick(isPending: boolean): boolean {
    const isSilent = isPending && !this.#wasHeard;
    this.#wasHeard = false;
    if (this.#state === 'open') {
      this.#ticksLeft -= 1;
      if (this.#ticksLeft <= 0) this.#state = 'halfOpen';
      return false;
    }
    this.#silentTicks = isSilent ? this.#silentTicks + 1 : 0;
    if (this.#silentTicks < this.#limits.silentTicks) return false;
    if (this.#state === 'closed') return this.#open();
    // Old calls are pending, but none of them tells anything until the probe is made.
    return this.#isProbing && this.#openAgain();
  }

  #openAgain(): boolean {
    this.#waitTicks = Math.min(2 * this.#waitTicks, this.#limits.waitTicksMax);
    return this.#open();
  }

  #open(): boolean {
    this.#state = 'open';
    this.#ticksLeft = this.#waitTicks;
    this.#silentTicks = 0;
    this.#isProbing = false;
    return true;
  }
}
