/** Word diff of two versions of a passage: for display, and for minimal edits. */

export interface DiffPiece {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Scripts without spaces: each character counts as a word. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
/** A line break; blanks; a character of an unspaced script; a word with its apostrophes; any other sign. */
const WORD = new RegExp(
  `\\n|[^\\S\\n]+|[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}_’'])+|.`,
  'gsu',
);

/** Maximum size of the LCS table; longer passages are compared by their common prefix and suffix. */
const MAX_CELLS = 1_000_000;

/**
 * The pieces in order; `removed` before `added` where both are. Joined without the added ones they are
 * `before`, without the removed ones `after`. By the longest common subsequence of words.
 */
export function wordDiff(before: string, after: string): readonly DiffPiece[] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (
    end < old.length - start &&
    end < now.length - start &&
    old[old.length - 1 - end] === now[now.length - 1 - end]
  ) {
    end++;
  }
  const pieces = new Pieces();
  pieces.add('same', old.slice(0, start));
  compareWords(old.slice(start, old.length - end), now.slice(start, now.length - end), pieces);
  pieces.add('same', old.slice(old.length - end));
  return withoutBridges(pieces.all);
}

function wordsOf(text: string): readonly string[] {
  return text.match(WORD) ?? [];
}

function compareWords(old: readonly string[], now: readonly string[], pieces: Pieces): void {
  if (old.length * now.length > MAX_CELLS) {
    pieces.add('removed', old);
    pieces.add('added', now);
    return;
  }
  const width = now.length + 1;
  // common[i * width + j]: length of the longest common subsequence of old[i…] and now[j…].
  const common = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i * width + j] =
        old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [removed, added] = [old[i], now[j]];
    if (removed !== undefined && removed === added) {
      pieces.add('same', [removed]);
      i++;
      j++;
    } else if (removed !== undefined && (added === undefined || at(i + 1, j) >= at(i, j + 1))) {
      pieces.add('removed', [removed]);
      i++;
    } else if (added !== undefined) {
      pieces.add('added', [added]);
      j++;
    }
  }
}

/**
 * Includes blanks between two changes in the changes: words replaced together read as one replacement.
 */
function withoutBridges(pieces: readonly DiffPiece[]): readonly DiffPiece[] {
  const joined = new Pieces();
  pieces.forEach(({ kind, text }, index) => {
    const isBridge =
      kind === 'same' &&
      /^[^\S\n]+$/.test(text) &&
      index > 0 &&
      index < pieces.length - 1 &&
      isReplacement(pieces, index - 1) &&
      isReplacement(pieces, index + 1);
    if (isBridge) joined.add('removed', [text]);
    joined.add(isBridge ? 'added' : kind, [text]);
  });
  return joined.all;
}

/** Whether a piece is part of a removed/added pair. */
function isReplacement(pieces: readonly DiffPiece[], index: number): boolean {
  const kinds = [pieces[index - 1]?.kind, pieces[index]?.kind, pieces[index + 1]?.kind];
  return (
    kinds[1] !== 'same' &&
    [kinds[0], kinds[2]].some((kind) => kind !== undefined && kind !== 'same')
  );
}

/** Collects words into pieces, removed before added ones, until the next unchanged word. */
class Pieces {
  readonly all: DiffPiece[] = [];

  add(kind: DiffPiece['kind'], words: readonly string[]): void {
    if (words.length === 0) return;
    const text = words.join('');
    const last = this.all.at(-1);
    if (kind === 'removed' && last?.kind === 'added') {
      const added = this.all.pop();
      this.add('removed', words);
      if (added !== undefined) this.all.push(added);
    } else if (last?.kind === kind) {
      this.all[this.all.length - 1] = { kind, text: last.text + text };
    } else this.all.push({ kind, text });
  }
}
