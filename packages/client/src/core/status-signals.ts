/**
 * Signals that the status line is derived from (status.ts), beyond the text and the state of the connection: whether the
 * server refuses to store, and whether an acknowledgement or a connection is late.
 */
import type { Effects } from './effects.ts';

const SLOW_SAVING_MS = 1_000;
const SLOW_CONNECTING_MS = 3_000;
const OFFLINE_MS = 10_000;

export class StatusSignals {
  readonly #effects: Effects;
  #savingPaused = false;
  #quotaExceeded: string | null = null;
  #isWaiting = false;
  #slowSaving = false;
  #slowConnecting = false;
  #offlineShown = false;
  #isNetworkGone = false;

  constructor(effects: Effects) {
    this.#effects = effects;
  }

  /** The server cannot store anything for now. */
  get savingPaused(): boolean {
    return this.#savingPaused;
  }
  /** The server's words, while it stores nothing more of this person. */
  get quotaExceeded(): string | null {
    return this.#quotaExceeded;
  }
  /** An acknowledgement is late. */
  get slowSaving(): boolean {
    return this.#slowSaving;
  }
  /** A connection takes long. */
  get slowConnecting(): boolean {
    return this.#slowConnecting;
  }
  /** Without a connection for so long that the person is told. */
  get offlineShown(): boolean {
    return this.#offlineShown;
  }

  start(isOffline: boolean): void {
    this.#offlineShown = isOffline;
  }

  /** A live connection may stay: the server may be on this device. */
  networkGone(isLive: boolean): void {
    this.#isNetworkGone = true;
    if (!isLive) this.#offlineShown = true;
  }

  networkBack(): void {
    this.#isNetworkGone = false;
  }

  pauseSaving(): void {
    this.#savingPaused = true;
  }

  exceedQuota(detail: string): void {
    this.#quotaExceeded = detail;
  }

  /** Starts the timers that tell the person of a late connection. */
  watchConnection(): void {
    if (this.#slowConnecting || this.#offlineShown) return;
    this.#effects.startTimer('slowConnecting', SLOW_CONNECTING_MS);
    this.#effects.startTimer('offline', OFFLINE_MS);
  }

  disconnected(): void {
    this.#offlineShown ||= this.#isNetworkGone;
    this.watchConnection();
  }

  stopped(): void {
    for (const name of ['slowConnecting', 'offline'] as const) this.#effects.cancelTimer(name);
  }

  /** Returns whether the person had been told that there is no connection. */
  joined(): boolean {
    const wasOffline = this.#offlineShown;
    this.#quotaExceeded = null;
    this.#savingPaused = false;
    this.stopped();
    this.#slowConnecting = false;
    this.#offlineShown = false;
    return wasOffline;
  }

  /** Nothing is in flight any more. */
  decided(): void {
    this.#slowSaving = false;
    if (this.#isWaiting) this.#effects.startTimer('slowSaving', SLOW_SAVING_MS);
    this.#savingPaused = false;
    this.#quotaExceeded = null;
  }

  /**
   * At the end of each step.
   * @param isWaiting whether something awaits its acknowledgement
   * @returns whether the last of it was acknowledged in this step
   */
  follow(isWaiting: boolean): boolean {
    if (isWaiting === this.#isWaiting) return false;
    this.#isWaiting = isWaiting;
    if (isWaiting) {
      this.#effects.startTimer('slowSaving', SLOW_SAVING_MS);
      return false;
    }
    this.#effects.cancelTimer('slowSaving');
    this.#slowSaving = false;
    return true;
  }

  timedOut(name: 'slowSaving' | 'slowConnecting' | 'offline'): void {
    if (name === 'slowSaving') this.#slowSaving = true;
    else if (name === 'slowConnecting') this.#slowConnecting = true;
    else this.#offlineShown = true;
  }
}
