/**
 * Which of Socket.IO's transports is tried first. WebSocket is, until one times out: some proxies drop the upgrade, or
 * accept it and forward nothing, without an error. A connection that begins with polling upgrades to WebSocket once
 * that is seen to work, so a wrong guess costs a round trip.
 */

/** Persists the choice across reloads; `localStorage` in a browser. */
export interface ChoiceMemory {
  get(key: string): string | null;
  set(key: string, value: string): void;
}

export type TransportName = 'websocket' | 'polling';

/** Timeout of a silent WebSocket; polling gets the longer one. */
export const WEBSOCKET_SILENCE_MS = 4_000;
export const POLLING_SILENCE_MS = 10_000;

const KEY = 'concord.webSocketSilentAt';
/** TTL of the choice: after a day the device is likely on another network. */
const CHOICE_TTL_MS = 24 * 60 * 60 * 1_000;

export class TransportChoice {
  readonly #memory: ChoiceMemory | null;
  readonly #now: () => number;
  #isPollingFirst: boolean;

  constructor(memory: ChoiceMemory | null = null, now: () => number = Date.now) {
    this.#memory = memory;
    this.#now = now;
    const age = now() - Number(memory?.get(KEY) ?? Number.NEGATIVE_INFINITY);
    this.#isPollingFirst = age >= 0 && age < CHOICE_TTL_MS;
  }

  get order(): TransportName[] {
    return this.#isPollingFirst ? ['polling', 'websocket'] : ['websocket', 'polling'];
  }

  /** Timeout of the first transport without a message from the server. */
  get silenceMs(): number {
    return this.#isPollingFirst ? POLLING_SILENCE_MS : WEBSOCKET_SILENCE_MS;
  }

  /**
   * Reports a timeout.
   * @returns whether the other order is worth trying at once
   */
  wasSilent(): boolean {
    if (this.#isPollingFirst) return false;
    this.#isPollingFirst = true;
    return true;
  }

  /** Reports a message from the server: if the other order was used, it is remembered. */
  worked(): void {
    if (this.#isPollingFirst) this.#memory?.set(KEY, String(this.#now()));
  }
}
