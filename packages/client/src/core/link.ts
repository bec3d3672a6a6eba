/**
 * The connection as the session sees it: which state it is in, when it is made anew, and whether it is still alive.
 * The diagram of the states is at the head of joining.ts, which moves between them.
 */
import { Backoff, STEADY_MS } from './backoff.ts';
import type { Effects } from './effects.ts';
import type { Replica } from './replica.ts';
import type { ConnectionState } from './session-messages.ts';

const JOIN_TIMEOUT_MS = 10_000;
const PROBE_MS = 1_000;

/** Why a session ended for good. */
export interface Stopped {
  readonly code: string;
  readonly detail: string;
}

export class Link {
  readonly #effects: Effects;
  readonly #backoff = new Backoff();
  #state: ConnectionState = 'offline';
  #stopped: Stopped | null = null;
  #wasLive = false;
  /** Made on this device, and not yet on the server. */
  #isNew: boolean;
  /** An answer is awaited that proves the connection alive. */
  #isProbing = false;

  constructor(effects: Effects, replica: Replica) {
    this.#effects = effects;
    this.#isNew = replica.isNew;
  }

  get state(): ConnectionState {
    return this.#state;
  }
  get isLive(): boolean {
    return this.#state === 'live';
  }
  get wasLive(): boolean {
    return this.#wasLive;
  }
  get stopped(): Stopped | null {
    return this.#stopped;
  }
  get isNew(): boolean {
    return this.#isNew;
  }

  connect(minDelayMs: number, maxDelayMs: number): void {
    this.#effects.push({ type: this.#isNew ? 'create' : 'connect', minDelayMs, maxDelayMs });
  }

  /** @param afterMs not before this, whatever the backoff says */
  reconnectLater(afterMs = 0): void {
    const { minDelayMs, maxDelayMs } = this.#backoff.next();
    this.connect(afterMs + minDelayMs, afterMs + maxDelayMs);
  }

  /** The server has the document now. */
  created(): void {
    this.#isNew = false;
    this.#backoff.progressed();
  }

  progressed(): void {
    this.#backoff.progressed();
  }

  /** Whether another join on the same connection is worth trying: see `Backoff.mayRejoin`. */
  mayRejoin(): boolean {
    return this.#backoff.mayRejoin();
  }

  preparing(): void {
    this.#state = 'preparing';
  }

  joining(): void {
    this.#state = 'joining';
    this.#effects.startTimer('join', JOIN_TIMEOUT_MS);
  }

  joined(): void {
    this.#state = 'live';
    this.#wasLive = true;
    this.#effects.startTimer('steady', STEADY_MS);
  }

  disconnected(): void {
    this.#state = 'offline';
    this.#isProbing = false;
    for (const name of ['acknowledgement', 'join', 'retry', 'steady', 'probe'] as const) {
      this.#effects.cancelTimer(name);
    }
  }

  stop(stopped: Stopped): void {
    this.#state = 'stopped';
    this.#stopped = stopped;
  }

  close(): void {
    this.#effects.push({ type: 'disconnect' });
    this.#state = 'offline';
  }

  /**
   * A connection from before the network went away may be dead, which neither end would notice for a quarter of a
   * minute: without an answer to a probe it is replaced.
   */
  probe(): void {
    if (this.isLive) this.#effects.send({ type: 'probe', body: {} });
    this.#isProbing = this.isLive || this.#state === 'joining';
    if (this.#isProbing) this.#effects.startTimer('probe', PROBE_MS);
  }

  /** Any message proves the connection alive. */
  heard(): void {
    if (this.#isProbing) this.#effects.cancelTimer('probe');
    this.#isProbing = false;
  }

  /** Whether a probe is unanswered. */
  get isProbing(): boolean {
    return this.#isProbing;
  }
}
