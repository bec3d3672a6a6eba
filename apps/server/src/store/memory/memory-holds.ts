/** Holds in memory: for several servers in one process, in tests. */
import type { Hold, Holds } from '../ports/holds.ts';

export class MemoryHolds implements Holds {
  readonly #now: () => number;
  readonly #rows = new Map<string, Hold & { readonly until: number }>();

  /** @param now the database's clock, in milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async take(name: string, hold: Hold): Promise<string | null> {
    const row = this.#rows.get(name);
    const isHeld = row !== undefined && row.until > this.#now() && row.holder !== hold.holder;
    if (isHeld) return row.value;
    this.#rows.set(name, { ...hold, until: this.#now() + hold.forMs });
    return null;
  }

  async release(name: string, holder: string): Promise<void> {
    if (this.#rows.get(name)?.holder === holder) this.#rows.delete(name);
  }
}
