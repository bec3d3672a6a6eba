/** LRU of the texts that were handed out lately: what a program read, it may write back as the base of its edit. */
import type { DocumentText } from '@concord/ot';

const TEXTS_KEPT = 8;
/** What they may take together, in UTF-16 units. */
const UNITS_MAX = 4 * 1024 * 1024;

export class KeptTexts {
  /** By version, newest last. */
  readonly #texts = new Map<number, DocumentText>();

  /** What they take together. */
  get units(): number {
    let units = 0;
    for (const { lengthUtf16 } of this.#texts.values()) units += lengthUtf16;
    return units;
  }

  at(version: number): DocumentText | undefined {
    return this.#texts.get(version);
  }

  /** Evicts those kept for longest; the given one stays, however large it is. */
  keep(version: number, text: DocumentText): void {
    this.#texts.delete(version);
    this.#texts.set(version, text);
    for (const oldest of this.#texts.keys()) {
      const isMuch = this.#texts.size > TEXTS_KEPT || this.units > UNITS_MAX;
      if (!isMuch || oldest === version) break;
      this.#texts.delete(oldest);
    }
  }
}
