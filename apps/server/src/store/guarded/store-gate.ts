/**
 * The gate in front of a store. Requests pass a circuit breaker (core/circuit-breaker.ts), and a semaphore with a bounded
 * queue; they have a deadline. The server's own calls pass at once, and only tell the breaker how the store does.
 *
 *   request ──breaker──▶ [queue] ──semaphore──▶ store ──▶ answer, or error at the deadline
 *   own ───────────────────────────────────────▶ store ──▶ answer
 *
 * A call that is given up at its deadline keeps its place in the semaphore until the store settles it: what is in
 * flight is bounded in any case.
 */
import { CircuitBreaker, type BreakerState } from '../core/circuit-breaker.ts';
import { StoreUnavailableError, type UnavailableReason } from '../ports/store-unavailable.ts';
import {
  DuplicateRecordError,
  StoreAnsweredError,
  StoreError,
  StoreFullError,
} from '../ports/store.ts';

/**
 * `request`: refused when the store does not answer, and given up at the deadline.
 * `long`: as a request, but it may take its time, and says nothing by that.
 * `own`: of the server itself, few at a time, with retries of its own; never refused, so that it is a probe as well.
 */
export type CallKind = 'request' | 'long' | 'own';

export interface StoreGateMetrics {
  answered(repository: string, ms: number): void;
  failed(repository: string): void;
  refused(reason: UnavailableReason): void;
}

export interface StoreGateOptions {
  readonly metrics: StoreGateMetrics;
  /** The breaker has opened, or closed again. */
  readonly changed: (state: BreakerState) => void;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

export const TICK_MS = 500;
/** Fewer than the driver's connections (store/mongodb/connect.ts): appends do not wait behind requests. */
export const CALLS_MAX = 48;
/** Some hundred bytes each. */
export const WAITING_MAX = 1_000;
/** 8 s: clients give up a join after ten. */
export const DEADLINE_TICKS = 16;
const BUSY_RETRY_MS = 1_000;
const LATE_RETRY_MS = 5_000;

const breakerLimits = {
  failures: 5,
  /** 4 s: longer than an election usually takes, or a disk that is busy. */
  silentTicks: 8,
  waitTicks: 2,
  /** 5 s. */
  waitTicksMax: 10,
};

interface Call {
  readonly repository: string;
  readonly hasDeadline: boolean;
  /** Tick at which it was asked for. */
  readonly since: number;
  readonly begin: () => void;
  readonly reject: (error: StoreError) => void;
  isLate: boolean;
}

export class StoreGate {
  readonly #options: StoreGateOptions;
  readonly #now: () => number;
  readonly #breaker = new CircuitBreaker(breakerLimits);
  /** Of requests, the oldest first; those without a deadline are not among them. */
  readonly #calls = new Set<Call>();
  readonly #waiting = new Set<Call>();
  #inFlight = 0;
  #running = 0;
  /** Calls in flight whose silence means something. */
  #listening = 0;
  #tick = 0;

  constructor(options: StoreGateOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): number => performance.now());
  }

  get state(): BreakerState {
    return this.#breaker.state;
  }
  get inFlight(): number {
    return this.#inFlight;
  }
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves and rejects as `ask` does. Rejects with StoreUnavailableError as well, unless the call is the server's own. */
  run<T>(repository: string, kind: CallKind, ask: () => Promise<T>): Promise<T> {
    if (kind === 'own') return this.#ask(repository, kind, ask, () => false);
    const admitted = this.#breaker.admit();
    if (admitted === 'refused') return Promise.reject(this.#unavailable('open'));
    // Whatever is in flight belongs to a store that did not answer: a probe does not wait for it.
    const isProbe = admitted === 'probe';
    const mustWait = !isProbe && this.#running >= CALLS_MAX;
    if (mustWait && this.#waiting.size >= WAITING_MAX) {
      return Promise.reject(this.#unavailable('busy'));
    }
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        if (!isProbe) this.#running += 1;
        const answer = this.#ask(repository, kind, ask, () => call.isLate);
        answer.then(resolve, reject);
        const settled = (): void => {
          this.#calls.delete(call);
          if (!isProbe) this.#running -= 1;
          this.#beginNext();
        };
        answer.then(settled, settled);
      };
      const hasDeadline = kind === 'request';
      const call: Call = { repository, hasDeadline, since: this.#tick, begin, reject, isLate: false }; // prettier-ignore
      if (hasDeadline) this.#calls.add(call);
      if (mustWait) this.#waiting.add(call);
      else begin();
    });
  }

  /** To be called every {@link TICK_MS}. */
  tick(): void {
    this.#tick += 1;
    for (const call of this.#calls) {
      if (this.#tick - call.since < DEADLINE_TICKS) break;
      this.#giveUp(call);
    }
    const before = this.#breaker.state;
    const hasOpened = this.#breaker.tick(this.#listening > 0);
    if (hasOpened) this.#opened();
    else if (this.#breaker.state !== before) this.#options.changed(this.#breaker.state);
  }

  /** Refuses what waits. */
  close(): void {
    this.#refuseWaiting(() => new StoreError('The store is closed.', false));
  }

  #ask<T>(
    repository: string,
    kind: CallKind,
    ask: () => Promise<T>,
    isLate: () => boolean,
  ): Promise<T> {
    const startedAt = this.#now();
    const isHeard = kind !== 'long';
    this.#inFlight += 1;
    if (isHeard) this.#listening += 1;
    const settled = (): void => {
      this.#inFlight -= 1;
      if (isHeard) this.#listening -= 1;
      this.#options.metrics.answered(repository, this.#now() - startedAt);
    };
    const answer = started(ask);
    answer.then(
      () => {
        settled();
        this.#answered();
      },
      (error: unknown) => {
        settled();
        if (!isFailure(error)) this.#answered();
        // A late one counted as failed at its deadline.
        else if (!isLate()) this.#failed(repository);
      },
    );
    return answer;
  }

  #giveUp(call: Call): void {
    this.#calls.delete(call);
    const wasAsked = !this.#waiting.delete(call);
    call.isLate = true;
    call.reject(this.#unavailable(wasAsked ? 'late' : 'busy'));
    if (wasAsked) this.#failed(call.repository);
  }

  #beginNext(): void {
    for (const call of this.#waiting) {
      if (this.#running >= CALLS_MAX) return;
      this.#waiting.delete(call);
      call.begin();
    }
  }

  #answered(): void {
    if (this.#breaker.answered()) this.#options.changed('closed');
  }

  #failed(repository: string): void {
    this.#options.metrics.failed(repository);
    if (this.#breaker.failed()) this.#opened();
  }

  #opened(): void {
    this.#refuseWaiting(() => this.#unavailable('open'));
    this.#options.changed('open');
  }

  #refuseWaiting(error: () => StoreError): void {
    for (const call of this.#waiting) {
      this.#calls.delete(call);
      call.reject(error());
    }
    this.#waiting.clear();
  }

  #unavailable(reason: UnavailableReason): StoreUnavailableError {
    this.#options.metrics.refused(reason);
    const openMs = Math.max(1, this.#breaker.ticksLeft) * TICK_MS;
    const retryAfterMs = { open: openMs, busy: BUSY_RETRY_MS, late: LATE_RETRY_MS }[reason];
    return new StoreUnavailableError(reason, retryAfterMs);
  }
}

/** Whether the store did not answer. Conflicts, refusals and damage are answers: they are about the caller, or one document. */
function isFailure(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false;
  return !(
    error instanceof DuplicateRecordError ||
    error instanceof StoreFullError ||
    error instanceof StoreAnsweredError
  );
}

function started<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return ask();
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
