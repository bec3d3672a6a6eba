/** Leader election by a lease in IndexedDB, for browsers without Web Locks: it expires when its tab crashes. */
import type { DeviceDatabase } from '../adapters/device-database.ts';
import { WAIT_MS, type LeadHolder, type LeadLock } from './lead-lock.ts';

const LEASE_MS = 5_000;
const RENEW_EVERY_MS = 1_000;
const POLL_MS = 100;

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

  /** Names of all unexpired leases. */
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
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    clearInterval(this.#timer);
    const timer = setInterval(() => {
      if (this.#page.isGone) return;
      void this.#write(false).then((isHeld) => {
        // Released, or taken again, while the write was pending.
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

  /** Takes or renews the lease; false when another tab has it. True without storage: then tabs share nothing. */
  async #write(byForce: boolean): Promise<boolean> {
    try {
      return await this.#device.answer(() => this.#lease(byForce));
    } catch {
      // Lead without a lease: the fencing token of the replica still decides which tab may write it.
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
    if (!isOwn) pruneTombstones();
    return true;
  }
}

/**
 * A page as the holder of leases. On `pagehide` it writes a tombstone and stops taking and renewing leases: an
 * unloading page still runs for a moment, and its unfinished transactions are aborted.
 *
 * The tombstone is in localStorage, which is written synchronously. A delete in IndexedDB would queue behind the
 * transactions of other tabs and be aborted with the page (8 of 8 times in Chromium).
 */
export class LeasingPage {
  readonly #id = crypto.getRandomValues(new Uint32Array(4)).join('-');
  #locks = 0;
  #isGone = false;

  get isGone(): boolean {
    return this.#isGone;
  }

  /** A holder id for one lock: locks of the same page exclude each other, too. */
  newHolder(): string {
    return `${this.#id}/${++this.#locks}`;
  }

  /** Writes the tombstone: the leases of this page count as free. */
  gone(): void {
    this.#isGone = true;
    attempt(() => localStorage.setItem(tombstoneKey(this.#id), String(Date.now() + LEASE_MS)));
  }

  /** Removes the tombstone: the leases are valid again, unless another page took them. */
  back(): void {
    this.#isGone = false;
    attempt(() => localStorage.removeItem(tombstoneKey(this.#id)));
  }
}

const TOMBSTONE_PREFIX = 'concord:gone:';

/** @param holder or the id of its page */
const tombstoneKey = (holder: string): string => TOMBSTONE_PREFIX + (holder.split('/')[0] ?? '');

const isGone = (holder: string): boolean =>
  attempt(() => localStorage.getItem(tombstoneKey(holder))) !== null;

/** Removes tombstones that are older than a lease can last. */
function pruneTombstones(): void {
  for (const key of attempt(() => Object.keys(localStorage)) ?? []) {
    if (!key.startsWith(TOMBSTONE_PREFIX) || Number(localStorage.getItem(key)) >= Date.now())
      continue;
    localStorage.removeItem(key);
  }
}

/** Null where the browser denies localStorage: then a lease ends by its TTL. */
function attempt<T>(what: () => T): T | null {
  try {
    return what();
  } catch {
    return null;
  }
}

const ignore = (): void => undefined;
