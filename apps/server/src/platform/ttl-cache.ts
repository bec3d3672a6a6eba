/**
 * Answers of the store that are asked for with every request, kept for a moment. What is known here to have
 * changed is forgotten at once; the time bounds how old an answer can be when nobody said so
 * (docs/security.md#revocation).
 */

/** Beyond it the oldest answers go: memory stays bounded, whoever asks. */
const ENTRIES_MAX = 20_000;

interface Entry<V> {
  readonly answer: Promise<V>;
  readonly askedAt: number;
}

export class RecentAnswers<V> {
  readonly #ask: (key: string) => Promise<V>;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  /** In the order of asking. */
  readonly #entries = new Map<string, Entry<V>>();

  /** @param ask the source; a rejection is not kept */
  constructor(ask: (key: string) => Promise<V>, maxAgeMs: number, now: () => number) {
    this.#ask = ask;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  get(key: string): Promise<V> {
    const known = this.#entries.get(key);
    // Counted from the question: the answer may be as old as that.
    if (known !== undefined && this.#now() - known.askedAt < this.#maxAgeMs) return known.answer;
    this.#entries.delete(key);
    if (this.#entries.size >= ENTRIES_MAX) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    const entry: Entry<V> = { answer: this.#ask(key), askedAt: this.#now() };
    this.#entries.set(key, entry);
    entry.answer.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry.answer;
  }

  /** The next to ask hears what is true then, even if an older question is not answered yet. */
  forget(key: string): void {
    this.#entries.delete(key);
  }

  forgetAll(): void {
    this.#entries.clear();
  }
}
