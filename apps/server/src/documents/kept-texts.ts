/** LRU cache of recently served texts: a program may use a text that it read as the base of its edit. */
import type { DocumentText } from '@concord/ot';

const TEXTS_KEPT = 8;
/** Bound of all texts together, in UTF-16 units. */
const UNITS_MAX = 4 * 1024 * 1024;

export class KeptTexts {
  /** By version, newest last. */
  readonly #texts = new Map<number, DocumentText>();

  /** Size of all texts together. */
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
