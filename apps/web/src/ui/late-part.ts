/**
 * A part of the page that is loaded when it is likely to be used, and must not lose what is asked of it before it is
 * there: the last request is carried out once the part is shown.
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

  /** Loads the part. A failure concerns only those who wait for it; the next call tries again. */
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

  /** Carries `request` out when the part is shown later; does nothing when it is, since it answers by itself then. */
  readonly whenShown = (request: () => void): void => {
    if (this.#isShown) return;
    this.#request = request;
    this.prepare();
  };

  /** Told that the part is in the page. Returns the function that tells that it is not any more. */
  readonly shown = (): (() => void) => {
    this.#isShown = true;
    const request = this.#request;
    this.#request = null;
    request?.();
    return () => {
      this.#isShown = false;
    };
  };

  /** Told when a part that was asked for cannot be loaded. Returns the function that stops it. */
  readonly whenFailed = (listener: () => void): (() => void) => {
    this.#onFailed = listener;
    return () => {
      this.#onFailed = () => undefined;
    };
  };
}
