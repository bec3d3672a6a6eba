/**
 * Which requests with an idempotency key are under way: a key is held by one request at a time. A port, because a
 * process knows its own requests only; several servers share a store that implements it (in a database, with an expiry
 * for the reservations of a server that died).
 */
export interface Reservations {
  /** Reserves the key. Null when it was free, else the value it is reserved with. */
  reserve(key: string, value: string): Promise<string | null>;
  /** Never rejects: the request was answered. A reservation that cannot be released ends by its expiry. */
  release(key: string): Promise<void>;
}

/** Of one process: they end with it, as its requests do. */
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
