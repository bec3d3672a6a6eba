/** The lead by a lease in the database, for browsers without Web Locks: it ends by itself when its tab crashes. */
import type { IDBPObjectStore } from 'idb';
import type { DeviceDatabase, DeviceSchema } from '../adapters/device-database.ts';
import { SLEPT_MS, TICK_MS, WAIT_MS, type LeadHolder, type LeadLock } from './lead-lock.ts';

type LeaseStore = IDBPObjectStore<DeviceSchema, ['leases'], 'leases', 'readwrite'>;

const LEASE_MS = 5_000;
/** Where holders leave word that they are gone, among the leases. */
const GONE = 'gone:';
const everyGone = (): IDBKeyRange => IDBKeyRange.bound(GONE, `${GONE}\uffff`);
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
    const isHeld = (name: string, place: number): boolean =>
      (leases[place]?.untilMs ?? 0) >= Date.now() &&
      !names.includes(GONE + (leases[place]?.holder ?? '')) &&
      !name.startsWith(GONE);
    return names.filter(isHeld);
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
    this.#releasing = this.#remove().catch(ignore);
  }

  pageGone(): void {
    const store = this.#store();
    if (store === undefined) return;
    // A page that goes away is not told of its requests any more: it cannot ask whether the lease is its own. So it
    // leaves word that it is gone, which is true whoever has the lease.
    store
      .put({ holder: this.#holder, untilMs: Date.now() + LEASE_MS }, GONE + this.#holder)
      .catch(ignore);
    store.transaction.commit();
  }

  isSurelyHeld(): boolean {
    return Date.now() - this.#renewedAt < SLEPT_MS;
  }

  #stopRenewing(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #store(): LeaseStore | undefined {
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
      const { store } = transaction;
      const lease = await store.get(this.#name);
      const isOwn = lease?.holder === this.#holder;
      const isFree =
        lease === undefined ||
        isOwn ||
        lease.untilMs < Date.now() ||
        (await store.get(GONE + lease.holder)) !== undefined;
      if (!isFree && !byForce) return false;
      const renewed = { holder: this.#holder, untilMs: Date.now() + LEASE_MS };
      await Promise.all([
        store.put(renewed, this.#name),
        // A page that came back.
        store.delete(GONE + this.#holder),
        ...(isOwn ? [] : [removeEnded(store)]),
        transaction.done,
      ]);
    } catch {
      // Led without one: the term of the replica still tells who writes it.
    }
    this.#renewedAt = Date.now();
    return true;
  }
}

/** Nobody can have a lease any more whose holder left word so long ago. */
async function removeEnded(store: LeaseStore): Promise<void> {
  const [names, leases] = await Promise.all([
    store.getAllKeys(everyGone()),
    store.getAll(everyGone()),
  ]);
  const ended = names.filter((_, place) => (leases[place]?.untilMs ?? 0) < Date.now());
  await Promise.all(ended.map((name) => store.delete(name)));
}

const ignore = (): void => undefined;
