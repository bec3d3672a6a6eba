/** For tests: an in-memory implementation of Web Locks, exclusive mode only. */
interface Asked {
  readonly name: string;
  readonly granted: (lock: Lock | null) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const aborted = (): DOMException => new DOMException('The lock was not had', 'AbortError');

export class FakeLockManager {
  readonly #held = new Map<string, Asked>();
  #queue: Asked[] = [];

  request(
    name: string,
    options: LockOptions,
    granted: (lock: Lock | null) => unknown,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const asked: Asked = { name, granted, resolve, reject };
      const stolenFrom = this.#held.get(name);
      if (options.steal === true) {
        stolenFrom?.reject(aborted());
        return this.#grant(asked);
      }
      if (stolenFrom === undefined) return this.#grant(asked);
      if (options.ifAvailable === true) return resolve(granted(null));
      this.#queue.push(asked);
      options.signal?.addEventListener('abort', () => {
        if (!this.#queue.includes(asked)) return;
        this.#queue = this.#queue.filter((each) => each !== asked);
        reject(aborted());
      });
    });
  }

  query(): Promise<LockManagerSnapshot> {
    return Promise.resolve({ held: [...this.#held.keys()].map((name) => ({ name })), pending: [] });
  }

  /** Cast to the browser's type, which has more members. */
  get asManager(): LockManager {
    return this as unknown as LockManager;
  }

  #grant(asked: Asked): void {
    const { name } = asked;
    this.#held.set(name, asked);
    const held = Promise.resolve().then(() => asked.granted({ name, mode: 'exclusive' }));
    void held.then(asked.resolve, asked.reject).finally(() => {
      if (this.#held.get(name) !== asked) return;
      this.#held.delete(name);
      const next = this.#queue.find((each) => each.name === name);
      if (next === undefined) return;
      this.#queue = this.#queue.filter((each) => each !== next);
      this.#grant(next);
    });
  }
}
