/** Leader election by a Web Lock: the browser releases it when the tab closes or crashes. */
import { WAIT_MS, type LeadHolder, type LeadLock } from './lead-lock.ts';

export class WebLock implements LeadLock {
  readonly #name: string;
  readonly #locks: LockManager;
  #release: (() => void) | null = null;

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
    this.#release?.();
    this.#release = null;
  }

  /** Rejects on a timeout. True where the browser denies locks: then tabs share no storage either. */
  #request(options: LockOptions, holder: LeadHolder): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let isHeld = false;
      const held = this.#locks.request(this.#name, options, (lock) => {
        if (lock === null) return resolve(false);
        isHeld = true;
        resolve(true);
        return new Promise<void>((release) => (this.#release = release));
      });
      held.then(
        () => undefined,
        (error: unknown) => {
          if (isHeld) {
            // Taken by force (`steal`).
            this.#release = null;
            return holder.lost();
          }
          if (error instanceof DOMException && error.name === 'SecurityError') return resolve(true);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }
}
