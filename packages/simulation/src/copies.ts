/**
 * Characters that a restored backup lacks and pages still have. Several pages may have copies of such a text, and
 * merge them: its characters may be inserted again, by any person, and more than once.
 */
export class Copies {
  readonly #texts = new Map<number, Set<string>>();
  readonly #characters = new Set<string>();
  #commonUntil = Infinity;

  /** Up to this version all histories are the same. */
  get commonUntil(): number {
    return this.#commonUntil;
  }

  /** @param texts of the versions after the one that was restored */
  historyEnds(texts: readonly string[], restored: number): void {
    this.#commonUntil = Math.min(this.#commonUntil, restored);
    for (const [place, text] of texts.entries()) {
      const version = restored + 1 + place;
      const known = this.#texts.get(version) ?? new Set();
      this.#texts.set(version, known.add(text));
    }
  }

  /** Whether a former history had this text at the version, or at any version if none is given. */
  hasText(text: string, version?: number): boolean {
    if (version !== undefined) return this.#texts.get(version)?.has(text) ?? false;
    return [...this.#texts.values()].some((texts) => texts.has(text));
  }

  /** Allows the character to be inserted again. */
  mayAdd(character: string): void {
    this.#characters.add(character);
  }

  has(character: string): boolean {
    return this.#characters.has(character);
  }
}
