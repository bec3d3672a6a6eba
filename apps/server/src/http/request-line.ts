/**
 * Requests and handshakes wait here for their turn: some milliseconds of them in each turn of the event loop. Messages
 * of people who are connected are handled as they arrive, so that a crowd that comes, or one guest with many requests,
 * never holds up what is typed for longer than that. Between addresses turns go round.
 */

/** A tenth of what a person notices. */
const SLICE_MS = 5;

export interface RequestLineOptions {
  /** Milliseconds; for tests. */
  readonly now?: () => number;
  /** Runs something after the events that have arrived; for tests. */
  readonly later?: (run: () => void) => void;
}

export class RequestLine {
  readonly #now: () => number;
  readonly #later: (run: () => void) => void;
  /** By address, in the order of their turns. None is empty. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #isDue = false;

  constructor({ now = () => performance.now(), later = setImmediate }: RequestLineOptions = {}) {
    this.#now = now;
    this.#later = later;
  }

  /** @param run handles a request; does not throw */
  add(address: string, run: () => void): void {
    const own = this.#waiting.get(address);
    if (own === undefined) this.#waiting.set(address, [run]);
    else own.push(run);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#later(() => {
      this.#isDue = false;
      const endsAt = this.#now() + SLICE_MS;
      do this.#runNext();
      while (this.#waiting.size > 0 && this.#now() < endsAt);
      if (this.#waiting.size > 0) this.#schedule();
    });
  }

  #runNext(): void {
    for (const [address, runs] of this.#waiting) {
      const run = runs.shift();
      this.#waiting.delete(address);
      // Its next turn comes after everybody else's.
      if (runs.length > 0) this.#waiting.set(address, runs);
      return run?.();
    }
  }
}
