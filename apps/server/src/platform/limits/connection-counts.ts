/**
 * How many connections there are under each key (an address, a person). A port, because a process knows only its own;
 * servers of one installation share a store that implements it, where each server's counts expire unless it renews them,
 * so that those of a server that died do not stay.
 */
export interface ConnectionCounts {
  /**
   * Whether `max` are counted already: asked before anything is allocated for one more, and true for a moment only.
   * Rejects with StoreError when a shared store cannot be asked.
   */
  isFull(key: string, max: number): Promise<boolean>;
  /** Counts one more; false, and nothing is counted, when there are `max`. Atomic. Rejects as {@link isFull}. */
  take(key: string, max: number): Promise<boolean>;
  /** One that was counted is gone. Never rejects: a count that cannot be released expires. */
  release(key: string): Promise<void>;
}

/** Of one process: they end with it, as its connections do. Keys without any take no memory. */
export class ProcessConnectionCounts implements ConnectionCounts {
  readonly #counts = new Map<string, number>();

  async isFull(key: string, max: number): Promise<boolean> {
    return this.#of(key) >= max;
  }

  async take(key: string, max: number): Promise<boolean> {
    const count = this.#of(key);
    if (count >= max) return false;
    this.#counts.set(key, count + 1);
    return true;
  }

  async release(key: string): Promise<void> {
    const left = this.#of(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }

  /** For tests: keys that are kept in memory. */
  get size(): number {
    return this.#counts.size;
  }

  #of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }
}
