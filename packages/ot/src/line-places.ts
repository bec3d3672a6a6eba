/** The lines of a text, and which of them a replacement touches. Positions are code points. */
import type { DocumentText } from './document-text.ts';

/**
 * Lines and the gaps between them in one numbering: the gap before line n is 2n, the line itself
 * 2n + 1.
 */
export type Place = number;

interface Places {
  readonly firstPlace: Place;
  readonly lastPlace: Place;
}

/** Lines of a text, the `\n` behind each included; counted from 0. The last one may be empty. */
export class Lines {
  readonly #starts: number[] = [0];
  readonly #length: number;

  constructor(text: DocumentText) {
    let codePoint = 0;
    for (const { text: piece } of text.pieces) {
      for (const character of piece) {
        codePoint++;
        if (character === '\n') this.#starts.push(codePoint);
      }
    }
    this.#length = codePoint;
  }

  /** Of the line behind the last one: the length of the text. */
  startOf(line: number): number {
    return this.#starts[line] ?? this.#length;
  }

  /**
   * Which lines and gaps a replacement touches. Inserted or removed whole lines do not touch their neighbours,
   * whether the `\n` before or behind them is part of the replacement.
   */
  placesOf(from: number, to: number, insert: string): Places {
    const [first, last] = [this.#lineAt(from), this.#lineAt(to)];
    const isInsertion = from === to;
    const isAtStarts = from === this.startOf(first) && to === this.startOf(last);
    if (isAtStarts && (insert === '' || insert.endsWith('\n'))) {
      if (isInsertion) return { firstPlace: 2 * first, lastPlace: 2 * first };
      return { firstPlace: 2 * first + 1, lastPlace: 2 * last - 1 };
    }
    const isAtEnds = from === this.#endOf(first) && to === this.#endOf(last);
    if (isAtEnds && (insert === '' || insert.startsWith('\n'))) {
      return { firstPlace: 2 * first + 2, lastPlace: 2 * last + (isInsertion ? 2 : 1) };
    }
    return { firstPlace: 2 * first + 1, lastPlace: 2 * last + 1 };
  }

  #lineAt(position: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.startOf(middle) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Before its `\n`. */
  #endOf(line: number): number {
    const next = this.#starts[line + 1];
    return next === undefined ? this.#length : next - 1;
  }
}
