/**
 * Fair queue of requests and handshakes: a few milliseconds of them run in each turn of the event loop, round-robin
 * between addresses. Messages of connected clients bypass it, so that a burst of requests delays typing by no more
 * than one slice.
 */

/** A tenth of the latency that a person notices. */
const SLICE_MS = 5;

export interface RequestLineOptions {
  /** Milliseconds; for tests. */
  readonly now?: () => number;
  /** Schedules a callback after pending I/O events; for tests. */
  readonly later?: (run: () => void) => void;
}

export class RequestLine {
  readonly #now: () => number;
  readonly #later: (run: () => void) => void;
  /** Queues by address, in round-robin order. None is empty. */
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
      // Round-robin: moves to the end.
      if (runs.length > 0) this.#waiting.set(address, runs);
      return run?.();
    }
  }
}
