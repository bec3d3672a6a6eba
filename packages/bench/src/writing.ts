/** Edits of the load: the same seeded sequence for both sides, in ASCII. */
import { insertAt, removeAt, type TextOperation } from '@concord/ot';

/** Length of an inserted word with its space. */
const WORD = 7;
/** One edit in three deletes the length of two words, so that the text keeps its length at any speed. */
const DELETE_SHARE = 1 / 3;
const NEAR_CARET = 30;
const JUMP_SHARE = 1 / 40;

/** Uniform numbers from 0 to 1. Source: mulberry32, Tommy Ettinger, public domain. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const LETTERS = 'etaoinshrdlucmfwygpbvk';

/** A text of words and lines. */
export function randomText(length: number, seed: number): string {
  const random = seededRandom(seed);
  let text = '';
  while (text.length < length) {
    const letters = 2 + Math.floor(random() * 8);
    for (let i = 0; i < letters; i++) text += LETTERS[Math.floor(random() ** 2 * LETTERS.length)];
    text += random() < 0.1 ? '\n' : ' ';
  }
  return text.slice(0, length);
}

/** Unique words, so that an insertion is recognised at every client. */
export class Words {
  #next = 0;
  next(): string {
    return `${(this.#next++).toString(36).padStart(WORD - 1, '0')} `;
  }
}

/** One person's edits: short words near a caret that jumps now and then. */
export class Writer {
  readonly #random: () => number;
  readonly #words: Words;
  #caret = 0;

  constructor(seed: number, words: Words) {
    this.#random = seededRandom(seed);
    this.#words = words;
  }

  /** @param length of the writer's text in code points */
  next(length: number): { readonly operation: TextOperation; readonly word: string | null } {
    const random = this.#random;
    if (random() < JUMP_SHARE) this.#caret = Math.floor(random() * length);
    const offset = Math.floor((random() * 2 - 1) * NEAR_CARET);
    const position = Math.max(0, Math.min(length, this.#caret + offset));
    const count = Math.min(2 * WORD, length - position);
    if (random() < DELETE_SHARE && count > 0) {
      this.#caret = position;
      return { operation: removeAt(position, count), word: null };
    }
    const word = this.#words.next();
    this.#caret = position + word.length;
    return { operation: insertAt(position, word), word };
  }
}
