/**
 * A semaphore: of what many ask for, few run at a time. Between those who ask turns go round; of one of them they are
 * in order.
 */
export class Turns {
  readonly #atOnce: number;
  #running = 0;
  /** By who asked, in the order of their turns. None is empty. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    let sum = 0;
    for (const { length } of this.#waiting.values()) sum += length;
    return sum;
  }

  /** @param who whose turn it uses up; without it, everybody waits in one line */
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
