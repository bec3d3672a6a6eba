/** Splits a text into pieces that are indexed one at a time, so that no long text delays a search. Pure. */

/** Some milliseconds of work. */
export const PIECE_LENGTH = 8_000;
/** How far before its end a piece may be cut to avoid splitting a word. */
const CUT_BACK = 1_000;

const inWord = /[\p{L}\p{N}\p{M}\p{So}\p{Cf}]/u;

/** The pieces in their order; nothing is between them. A text without a place to cut at is cut within a word. */
export function* piecesOf(text: string): Generator<string> {
  let from = 0;
  while (text.length - from > PIECE_LENGTH) {
    const cut = cutBefore(text, from + PIECE_LENGTH);
    yield text.slice(from, cut);
    from = cut;
  }
  yield text.slice(from);
}

function cutBefore(text: string, latest: number): number {
  for (let at = latest; at > latest - CUT_BACK; at -= 1) {
    const unit = text.charCodeAt(at);
    const isWithinPair = unit >= 0xdc00 && unit <= 0xdfff;
    if (!isWithinPair && !inWord.test(String.fromCodePoint(text.codePointAt(at) ?? 0))) return at;
  }
  const unit = text.charCodeAt(latest);
  return unit >= 0xdc00 && unit <= 0xdfff ? latest - 1 : latest;
}
