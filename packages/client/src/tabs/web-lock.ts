/** The lead by a Web Lock: the browser lets go of it when the tab closes or crashes. */
import { SLEPT_MS, TICK_MS, WAIT_MS, type LeadHolder, type LeadLock } from './lead-lock.ts';

export class WebLock implements LeadLock {
  readonly #name: string;
  readonly #locks: LockManager;
  #release: (() => void) | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #awakeAt = 0;

  constructor(name: string, locks: LockManager) {
    this.#name = name;
    this.#locks = locks;
  }

  async take(how: 'ifFree' | 'wait', holder: LeadHolder): Promise<boolean> {
    if (how === 'ifFree') return this.#request({ ifAvailable: true }, holder);
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), WAIT_MS);
    try {
      return await this.#request({ signal: waiting.signal }, holder);
    } catch {
      if (!holder.mayForce()) return false;
      return await this.#request({ steal: true }, holder);
    } finally {
      clearTimeout(timer);
    }
  }

  release(): void {
    clearInterval(this.#timer);
    this.#release?.();
    this.#release = null;
  }

  pageGone(): void {
    // The browser does it.
  }

  isSurelyHeld(): boolean {
    return Date.now() - this.#awakeAt < SLEPT_MS;
  }

  /** Rejects when it was not had in time. A browser that allows no locks shares nothing between tabs either. */
  #request(options: LockOptions, holder: LeadHolder): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let isHeld = false;
      const held = this.#locks.request(this.#name, options, (lock) => {
        if (lock === null) return resolve(false);
        isHeld = true;
        this.#begin();
        resolve(true);
        return new Promise<void>((release) => (this.#release = release));
      });
      held.then(
        () => undefined,
        (error: unknown) => {
          if (isHeld) {
            // Stolen.
            this.#release = null;
            clearInterval(this.#timer);
            return holder.lost();
          }
          if (error instanceof DOMException && error.name === 'SecurityError') return resolve(true);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #begin(): void {
    this.#awakeAt = Date.now();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => (this.#awakeAt = Date.now()), TICK_MS);
  }
}
