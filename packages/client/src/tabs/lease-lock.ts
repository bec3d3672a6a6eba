/** The lead by a lease in the database, for browsers without Web Locks: it ends by itself when its tab crashes. */
import type { DeviceDatabase } from '../adapters/device-database.ts';
import { WAIT_MS, type LeadHolder, type LeadLock } from './lead-lock.ts';

const LEASE_MS = 5_000;
const RENEW_EVERY_MS = 1_000;
const LOOK_MS = 100;

export class LeaseLock implements LeadLock {
  readonly #name: string;
  readonly #device: DeviceDatabase;
  readonly #page: LeasingPage;
  readonly #holder: string;
  #timer: ReturnType<typeof setInterval> | undefined;
  #releasing: Promise<void> = Promise.resolve();

  constructor(name: string, device: DeviceDatabase, page: LeasingPage) {
    this.#name = name;
    this.#device = device;
    this.#page = page;
    this.#holder = page.newHolder();
  }

  /** Of all leases that have not ended. */
  static async heldNames(device: DeviceDatabase): Promise<readonly string[]> {
    const [names, leases] = await device.answer(async () => {
      const database = await device.open();
      const { store } = database.transaction('leases');
      return Promise.all([store.getAllKeys(), store.getAll()]);
    });
    return names.filter((_, place) => {
      const lease = leases[place];
      return lease !== undefined && lease.untilMs >= Date.now() && !isGone(lease.holder);
    });
  }

  async take(how: 'ifFree' | 'wait', holder: LeadHolder): Promise<boolean> {
    await this.#releasing;
    const giveUpAt = Date.now() + WAIT_MS;
    for (;;) {
      if (this.#page.isGone) return false;
      const isDue = how === 'wait' && Date.now() >= giveUpAt;
      if (await this.#write(isDue && holder.mayForce())) break;
      if (how === 'ifFree' || isDue) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    clearInterval(this.#timer);
    const timer = setInterval(() => {
      if (this.#page.isGone) return;
      void this.#write(false).then((isHeld) => {
        // Released, or taken anew, while this was asked.
        if (this.#timer !== timer) return;
        if (isHeld) return;
        this.#stopRenewing();
        holder.lost();
      });
    }, RENEW_EVERY_MS);
    this.#timer = timer;
    return true;
  }

  release(): void {
    this.#stopRenewing();
    this.#releasing = this.#device.answer(() => this.#remove()).catch(ignore);
  }

  #stopRenewing(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #remove(): Promise<void> {
    const store = this.#device.opened?.transaction('leases', 'readwrite').store;
    const lease = await store?.get(this.#name);
    if (lease?.holder === this.#holder) await store?.delete(this.#name);
  }

  /** Takes or renews the lease; false when another tab has it. Without storage nothing is shared between tabs. */
  async #write(byForce: boolean): Promise<boolean> {
    try {
      return await this.#device.answer(() => this.#lease(byForce));
    } catch {
      // Led without one: the term of the replica still tells who writes it.
      return true;
    }
  }

  async #lease(byForce: boolean): Promise<boolean> {
    const database = await this.#device.open();
    const transaction = database.transaction('leases', 'readwrite');
    const { store } = transaction;
    const lease = await store.get(this.#name);
    const isOwn = lease?.holder === this.#holder;
    const isFree =
      lease === undefined || isOwn || lease.untilMs < Date.now() || isGone(lease.holder);
    if (!isFree && !byForce) return false;
    const renewed = { holder: this.#holder, untilMs: Date.now() + LEASE_MS };
    await Promise.all([store.put(renewed, this.#name), transaction.done]);
    if (!isOwn) forgetGone();
    return true;
  }
}

/**
 * A page as the holder of leases. When it goes away it leaves word, and takes and renews none any more: a page that is
 * being closed lives on for a moment, and what it began is lost with it.
 *
 * The word is left in the storage that is written at once. In the database it would wait for the transactions of
 * other tabs, and what waits is given up with the page (8 of 8 times in Chromium).
 */
export class LeasingPage {
  readonly #id = crypto.getRandomValues(new Uint32Array(4)).join('-');
  #locks = 0;
  #isGone = false;

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Of one lock: no two of a page have a lease at once either. */
  newHolder(): string {
    return `${this.#id}/${++this.#locks}`;
  }

  /** Its leases are free. */
  gone(): void {
    this.#isGone = true;
    attempt(() => localStorage.setItem(wordOf(this.#id), String(Date.now() + LEASE_MS)));
  }

  /** It has them again, unless another page took them. */
  back(): void {
    this.#isGone = false;
    attempt(() => localStorage.removeItem(wordOf(this.#id)));
  }
}

const WORD = 'concord:gone:';

/** @param holder or the id of its page */
const wordOf = (holder: string): string => WORD + (holder.split('/')[0] ?? '');

const isGone = (holder: string): boolean =>
  attempt(() => localStorage.getItem(wordOf(holder))) !== null;

/** Of pages that left word so long ago nobody can have a lease any more. */
function forgetGone(): void {
  for (const key of attempt(() => Object.keys(localStorage)) ?? []) {
    if (!key.startsWith(WORD) || Number(localStorage.getItem(key)) >= Date.now()) continue;
    localStorage.removeItem(key);
  }
}

/** Null where the page may not have this storage: then a lease ends by itself. */
function attempt<T>(what: () => T): T | null {
  try {
    return what();
  } catch {
    return null;
  }
}

const ignore = (): void => undefined;
