/** The lead by a lease in the database, for browsers without Web Locks: it ends by itself when its tab crashes. */
import type { DeviceDatabase } from '../adapters/device-database.ts';
import { SLEPT_MS, TICK_MS, WAIT_MS, type LeadHolder, type LeadLock } from './lead-lock.ts';

const LEASE_MS = 5_000;
const LOOK_MS = 100;

export class LeaseLock implements LeadLock {
  readonly #name: string;
  readonly #device: DeviceDatabase;
  readonly #holder = crypto.getRandomValues(new Uint32Array(4)).join('-');
  #timer: ReturnType<typeof setInterval> | undefined;
  #renewedAt = 0;
  #releasing: Promise<void> = Promise.resolve();

  constructor(name: string, device: DeviceDatabase) {
    this.#name = name;
    this.#device = device;
  }

  /** Of all leases that have not ended. */
  static async heldNames(device: DeviceDatabase): Promise<readonly string[]> {
    const database = await device.open();
    const { store } = database.transaction('leases');
    const [names, leases] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return names.filter((_, place) => (leases[place]?.untilMs ?? 0) >= Date.now());
  }

  async take(how: 'ifFree' | 'wait', holder: LeadHolder): Promise<boolean> {
    await this.#releasing;
    const giveUpAt = Date.now() + WAIT_MS;
    for (;;) {
      const isDue = how === 'wait' && Date.now() >= giveUpAt;
      if (await this.#write(isDue && holder.mayForce())) break;
      if (how === 'ifFree' || isDue) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    clearInterval(this.#timer);
    const timer = setInterval(() => {
      void this.#write(false).then((isHeld) => {
        // Released, or taken anew, while this was asked.
        if (this.#timer !== timer) return;
        if (isHeld) return;
        this.#stopRenewing();
        holder.lost();
      });
    }, TICK_MS);
    this.#timer = timer;
    return true;
  }

  release(): void {
    this.#stopRenewing();
    this.#releasing = this.#remove().catch(() => undefined);
  }

  pageGone(): void {
    const store = this.#timer === undefined ? undefined : this.#store();
    if (store === undefined || !this.isSurelyHeld()) return;
    // Nobody is told of the requests of a page that went away: there is no time to ask whose it is.
    store.delete(this.#name).catch(() => undefined);
    store.transaction.commit();
  }

  isSurelyHeld(): boolean {
    return Date.now() - this.#renewedAt < SLEPT_MS;
  }

  #stopRenewing(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #store() {
    try {
      return this.#device.opened?.transaction('leases', 'readwrite').store;
    } catch {
      // Being closed: the lease ends by itself.
      return undefined;
    }
  }

  async #remove(): Promise<void> {
    const store = this.#store();
    const lease = await store?.get(this.#name);
    if (lease?.holder === this.#holder) await store?.delete(this.#name);
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
    } catch {
      // Led without one: the term of the replica still tells who writes it.
    }
    this.#renewedAt = Date.now();
    return true;
  }
}
