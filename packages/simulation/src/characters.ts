/**
 * Characters with identity: within a world, honest people never insert the same code point twice. So lost,
 * duplicated and moved insertions show in the text itself, without hidden ids.
 */
import type { Random } from './random.ts';

/** Hard parts of Unicode: one and two UTF-16 units, combining marks, emoji. */
const pools = {
  ideograph: [[0x4e00, 0x9fff]],
  syllable: [[0xac00, 0xd7a3]],
  emoji: [
    [0x1f300, 0x1f64f],
    [0x1f680, 0x1f6c5],
    [0x1f900, 0x1f9ff],
  ],
  combining: [
    [0x300, 0x36f],
    [0x1ab0, 0x1ac0],
    [0x1dc0, 0x1dff],
  ],
  privateUse: [[0xf0000, 0xffffd]],
} as const satisfies Record<string, readonly (readonly [number, number])[]>;

type Pool = keyof typeof pools;
/** Spare code points for when a pool is used up. */
const SPARE_FROM = 0x100000;
/** Below this are the characters of malicious clients, which may repeat. */
const FIRST_TRACKED = 0x300;

export class Characters {
  readonly #used = new Map<Pool, number>();
  #spare = SPARE_FROM;

  /** A text of `count` code points that were never inserted before. */
  text(count: number, random: Random): string {
    let text = '';
    for (let i = 0; i < count; i++) {
      const drawn = random.next();
      if (drawn < 0.5) text += this.#take('ideograph');
      else if (drawn < 0.75) text += this.#take('privateUse');
      else if (drawn < 0.9) text += this.#take('emoji');
      else text += this.#take('combining');
    }
    return text;
  }

  /** Three characters for long histories, which would use up the other pools. */
  syllable(): string {
    return this.#take('syllable');
  }

  #take(pool: Pool): string {
    let index = this.#used.get(pool) ?? 0;
    this.#used.set(pool, index + 1);
    for (const [first, last] of pools[pool]) {
      if (index <= last - first) return String.fromCodePoint(first + index);
      index -= last - first + 1;
    }
    return String.fromCodePoint(this.#spare++);
  }
}

/** Whether the character is an honest person's, and so is unique. */
export function isTracked(character: string): boolean {
  return (character.codePointAt(0) ?? 0) >= FIRST_TRACKED;
}
