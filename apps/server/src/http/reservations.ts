/**
 * Mutual exclusion per idempotency key: one request at a time holds a key. A port, because a process knows only its own
 * requests; several servers need a shared implementation (in a database, as leases that expire when a server dies).
 */
export interface Reservations {
  /** Reserves the key. Null when it was free, else the value it is reserved with. */
  reserve(key: string, value: string): Promise<string | null>;
  /** Never rejects: the request was answered. A reservation that cannot be released ends by its expiry. */
  release(key: string): Promise<void>;
}

/** Within one process, with whose requests the reservations end. */
export class ProcessReservations implements Reservations {
  readonly #values = new Map<string, string>();

  async reserve(key: string, value: string): Promise<string | null> {
    const held = this.#values.get(key);
    if (held === undefined) this.#values.set(key, value);
    return held ?? null;
  }

  async release(key: string): Promise<void> {
    this.#values.delete(key);
  }
}
