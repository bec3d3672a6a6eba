/**
 * What the log no longer has since an older backup was restored, and pages still do. Of such a text there may be
 * several copies, which people have merged: its characters may come back, by whomever, and more than once.
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

  /** Whether a former history had this text, at that version or at any. */
  hasText(text: string, version?: number): boolean {
    if (version !== undefined) return this.#texts.get(version)?.has(text) ?? false;
    return [...this.#texts.values()].some((texts) => texts.has(text));
  }

  /** From here on the character may come back. */
  mayAdd(character: string): void {
    this.#characters.add(character);
  }

  has(character: string): boolean {
    return this.#characters.has(character);
  }
}
