/**
 * Who leads: of all tabs that show a document in this browser, one holds the replica. By a Web Lock where the
 * browser has them (secure contexts only), else by a lease in the database that is renewed while the tab lives.
 */
import type { DeviceDatabase } from '../adapters/device-database.ts';

export interface LeadLock {
  /**
   * `ifFree` resolves to false when another tab holds it; `wait` waits for three seconds, then takes it by force:
   * whoever holds it then does not answer (a frozen tab, a lease that outlived its tab).
   */
  take(how: 'ifFree' | 'wait', holder: LeadHolder): Promise<boolean>;
  release(): void;
}

export interface LeadHolder {
  /** Another tab took it by force. */
  lost(): void;
  /** Asked before it is taken by force. */
  mayForce(): boolean;
}

/** A tab that is asked for the lead answers within milliseconds, unless it is frozen or gone. */
const WAIT_MS = 3_000;

export function leadLock(name: string, device: DeviceDatabase): LeadLock {
  // Absent outside secure contexts, whatever the type says.
  const locks = navigator.locks as LockManager | undefined;
  return locks === undefined ? new LeaseLock(name, device) : new WebLock(name, locks);
}

class WebLock implements LeadLock {
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
          // Of a lock that is held: stolen. Else: not had in time.
          if (!isHeld) return reject(error instanceof Error ? error : new Error(String(error)));
          this.#release = null;
          holder.lost();
        },
      );
    });
  }
}

const LEASE_MS = 5_000;
const RENEW_MS = 1_000;
const LOOK_MS = 100;

class LeaseLock implements LeadLock {
  readonly #name: string;
  readonly #device: DeviceDatabase;
  readonly #holder = crypto.getRandomValues(new Uint32Array(4)).join('-');
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(name: string, device: DeviceDatabase) {
    this.#name = name;
    this.#device = device;
  }

  async take(how: 'ifFree' | 'wait', holder: LeadHolder): Promise<boolean> {
    const giveUpAt = Date.now() + WAIT_MS;
    for (;;) {
      const isDue = how === 'wait' && Date.now() >= giveUpAt;
      if (await this.#write(isDue && holder.mayForce())) break;
      if (how === 'ifFree' || isDue) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      void this.#write(false).then((isHeld) => {
        if (isHeld || this.#timer === undefined) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
        holder.lost();
      });
    }, RENEW_MS);
    return true;
  }

  release(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const database = this.#device.opened;
    if (database === null) return;
    const transaction = database.transaction('leases', 'readwrite');
    const remove = async (): Promise<void> => {
      const lease = await transaction.store.get(this.#name);
      if (lease?.holder === this.#holder) await transaction.store.delete(this.#name);
    };
    void remove().catch(() => undefined);
  }

  /** Takes or renews the lease; false when another tab has it. Without storage nothing is shared between tabs. */
  async #write(byForce: boolean): Promise<boolean> {
    try {
      const database = await this.#device.open();
      const transaction = database.transaction('leases', 'readwrite');
      const lease = await transaction.store.get(this.#name);
      const isFree =
        lease === undefined || lease.holder === this.#holder || lease.untilMs < Date.now();
      if (!isFree && !byForce) return false;
      const renewed = { holder: this.#holder, untilMs: Date.now() + LEASE_MS };
      await Promise.all([transaction.store.put(renewed, this.#name), transaction.done]);
      return true;
    } catch {
      return true;
    }
  }
}
