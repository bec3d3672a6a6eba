/**
 * A semaphore that is fair: of what many ask for, few run at a time; between those who ask turns go round, and of one of
 * them they are in order. Where one line is enough, p-limit is used.
 */
export class Turns {
  readonly #atOnce: number;
  #running = 0;
  /** By who asked, in the order of their turns. None is empty. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** @param who whose turn it uses up; all without one share the turns of one */
  async run<T>(work: () => Promise<T>, who = ''): Promise<T> {
    if (this.#running < this.#atOnce) this.#running += 1;
    // The permit is handed over by the work that ends, so that the count stays.
    else await this.#turn(who);
    try {
      return await work();
    } finally {
      const next = this.#next();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #turn(who: string): Promise<void> {
    return new Promise((resolve) => {
      const own = this.#waiting.get(who);
      if (own === undefined) this.#waiting.set(who, [resolve]);
      else own.push(resolve);
    });
  }

  #next(): (() => void) | undefined {
    for (const [who, [first, ...rest]] of this.#waiting) {
      // Round-robin: moves to the end.
      this.#waiting.delete(who);
      if (rest.length > 0) this.#waiting.set(who, rest);
      return first;
    }
    return undefined;
  }
}
