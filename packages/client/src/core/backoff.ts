/**
 * How long to wait before connecting again: full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"),
 * 0.5 s doubling up to 30 s. What ends it is progress, not a join: a connection that is made, joined and lost again
 * at once would otherwise be made anew several times a second, without end.
 */
const FIRST_MS = 500;
const MAX_MS = 30_000;
const DOUBLINGS_MAX = 10;
/** So many joins on one connection without progress; after that it is made anew, later and later. */
const REJOINS_MAX = 3;

/** A connection that lives this long after its join is progress, though nothing was sent. */
export const STEADY_MS = 5_000;

export class Backoff {
  #failures = 0;
  #rejoins = 0;

  /** The range to choose the next delay from, at random. */
  next(): { readonly minDelayMs: number; readonly maxDelayMs: number } {
    const ceiling = Math.min(MAX_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, DOUBLINGS_MAX);
    this.#rejoins = 0;
    return { minDelayMs: ceiling / 10, maxDelayMs: ceiling };
  }

  /** Something own was acknowledged, the connection lives, or the device has a network again. */
  progressed(): void {
    this.#failures = 0;
    this.#rejoins = 0;
  }

  /** Joins again on the same connection; false when that has not helped so far. */
  mayRejoin(): boolean {
    this.#rejoins++;
    return this.#rejoins <= REJOINS_MAX;
  }
}
