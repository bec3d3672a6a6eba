/** Schedules writes of the undo history: debounced while typing, and at once before the page may unload. */

const DEBOUNCE_MS = 1_000;

export class UndoWriter {
  readonly #write: () => void;
  readonly #flush = (): void => this.flush();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDue = false;

  constructor(write: () => void) {
    this.#write = write;
    document.addEventListener('visibilitychange', this.#flush);
    addEventListener('pagehide', this.#flush);
  }

  /** The text or the history changed. */
  changed(): void {
    // With several tabs, only the visible one writes: its history is the one the person expects.
    if (document.visibilityState !== 'visible') return;
    this.#isDue = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#flush, DEBOUNCE_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#write();
  }

  close(): void {
    this.flush();
    document.removeEventListener('visibilitychange', this.#flush);
    removeEventListener('pagehide', this.#flush);
  }
}
