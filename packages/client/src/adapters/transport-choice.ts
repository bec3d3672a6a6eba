/**
 * Which of Socket.IO's transports comes first. WebSocket does, until one was silent: some networks swallow the upgrade,
 * or answer it and pass nothing on, and then nothing ever fails by itself. Polling that comes first upgrades to
 * WebSocket by itself once that has been seen to work, so that a wrong guess costs a round trip.
 */

/** Where the choice is kept past the page; `localStorage` in a browser. */
export interface ChoiceMemory {
  get(key: string): string | null;
  set(key: string, value: string): void;
}

export type TransportName = 'websocket' | 'polling';

/** A WebSocket that says nothing for this long is given up; polling is given the longer time. */
export const WEBSOCKET_SILENCE_MS = 4_000;
export const POLLING_SILENCE_MS = 10_000;

const KEY = 'concord.webSocketSilentAt';
/** After a day the network is another one, as likely as not. */
const REMEMBERED_MS = 24 * 60 * 60 * 1_000;

export class TransportChoice {
  readonly #memory: ChoiceMemory | null;
  readonly #now: () => number;
  #isPollingFirst: boolean;

  constructor(memory: ChoiceMemory | null = null, now: () => number = Date.now) {
    this.#memory = memory;
    this.#now = now;
    const age = now() - Number(memory?.get(KEY) ?? Number.NEGATIVE_INFINITY);
    this.#isPollingFirst = age >= 0 && age < REMEMBERED_MS;
  }

  get order(): TransportName[] {
    return this.#isPollingFirst ? ['polling', 'websocket'] : ['websocket', 'polling'];
  }

  /** How long the first transport may say nothing. */
  get silenceMs(): number {
    return this.#isPollingFirst ? POLLING_SILENCE_MS : WEBSOCKET_SILENCE_MS;
  }

  /**
   * The server was not heard of in time.
   * @returns whether the other order is worth trying at once
   */
  wasSilent(): boolean {
    if (this.#isPollingFirst) return false;
    this.#isPollingFirst = true;
    return true;
  }

  /** The server was heard of: if that took the other order, it is remembered. */
  worked(): void {
    if (this.#isPollingFirst) this.#memory?.set(KEY, String(this.#now()));
  }
}
