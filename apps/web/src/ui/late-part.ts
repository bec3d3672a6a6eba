/**
 * A lazily loaded part of the page that buffers requests made before it is mounted: the latest one is run once the part
 * is shown.
 */
export class LatePart<T> {
  readonly #load: () => Promise<T>;
  readonly #listeners = new Set<() => void>();
  #isLoading = false;
  #part: T | null = null;
  #isShown = false;
  #request: (() => void) | null = null;
  #onFailed: () => void = () => undefined;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** The part, or null until it is loaded. */
  readonly snapshot = (): T | null => this.#part;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Loads the part. A failure is reported only if a request is pending; the next call retries. */
  readonly prepare = (): void => {
    if (this.#isLoading || this.#part !== null) return;
    this.#isLoading = true;
    this.#load().then(
      (part) => {
        this.#isLoading = false;
        this.#part = part;
        for (const listener of this.#listeners) listener();
      },
      () => {
        this.#isLoading = false;
        if (this.#request === null) return;
        this.#request = null;
        this.#onFailed();
      },
    );
  };

  /** Runs `request` once the part is shown; ignored while it is shown, since the part then handles it itself. */
  readonly whenShown = (request: () => void): void => {
    if (this.#isShown) return;
    this.#request = request;
    this.prepare();
  };

  /** To be called when the part is mounted. Returns the function to call on unmounting. */
  readonly shown = (): (() => void) => {
    this.#isShown = true;
    const request = this.#request;
    this.#request = null;
    request?.();
    return () => {
      this.#isShown = false;
    };
  };

  /** Calls `listener` if a requested part fails to load. Returns the unsubscribe function. */
  readonly whenFailed = (listener: () => void): (() => void) => {
    this.#onFailed = listener;
    return () => {
      this.#onFailed = () => undefined;
    };
  };
}
