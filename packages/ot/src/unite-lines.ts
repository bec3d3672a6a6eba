/**
 * Unites two descendants of an unknown common text by whole lines: it keeps each line of both, once, since deletions
 * cannot be told from missing insertions. A diff by characters would mix two independently written lines into one that
 * neither side wrote.
 */
import { diffArrays } from 'diff';
import { commonPrefixUtf16, commonSuffixUtf16 } from './common-ends.ts';
import { countCodePoints, OperationBuilder, type TextOperation } from './operation.ts';

/** The common lines of two texts, and the additions of each. */
export interface UnitedLines {
  /** Applies to the first text: deletes the text that the second lacks. */
  readonly toCommon: TextOperation;
  /** Applies to the common text: inserts the additions of the first text. */
  readonly first: TextOperation;
  /**
   * Applies to the common text: inserts the additions of the second text, behind those of `first` at one place. The
   * result is the second text, with a line break before it if the two have no line in common.
   */
  readonly second: TextOperation;
}

/** Maximum of edits in a search for the best alignment, whose cost is their square. */
const EDIT_LIMIT = 1_000;

/** Longest word in UTF-16 units; a longer one may count as two. */
const LONGEST_WORD = 100;

type Side = 'both' | 'first' | 'second';

/** A line of the united text, without its line break. `more`: one side extended the line of the other. */
interface Line {
  readonly side: Side;
  readonly text: string;
  readonly more?: { readonly side: 'first' | 'second'; readonly at: number; readonly text: string };
}

export function uniteLines(first: string, second: string): UnitedLines {
  const pieces = new Pieces();
  const lines = separateAtEnd(alignLines(first.split('\n'), second.split('\n')));
  const lastOfBoth = lines.findLastIndex(({ side }) => side === 'both');
  for (const [index, line] of lines.entries()) {
    // Lines behind the last common one begin with their line break; all others end with it.
    if (index > Math.max(0, lastOfBoth)) pieces.add(line.side, '\n');
    pieces.addLine(line);
    if (index < lastOfBoth) pieces.add(line.side, '\n');
  }
  return pieces.build();
}

/** The three operations, built side by side. */
class Pieces {
  readonly #toCommon = new OperationBuilder();
  readonly #first = new OperationBuilder();
  readonly #second = new OperationBuilder();

  add(side: Side, text: string): void {
    const length = countCodePoints(text);
    if (side === 'both') {
      for (const builder of [this.#toCommon, this.#first, this.#second]) builder.retain(length);
    } else if (side === 'first') {
      this.#toCommon.delete(length);
      this.#first.insert(text);
    } else this.#second.insert(text);
  }

  addLine({ side, text, more }: Line): void {
    if (more === undefined) return this.add(side, text);
    this.add(side, text.slice(0, more.at));
    this.add(more.side, more.text);
    this.add(side, text.slice(more.at));
  }

  build(): UnitedLines {
    const [toCommon, first, second] = [this.#toCommon, this.#first, this.#second];
    return { toCommon: toCommon.build(), first: first.build(), second: second.build() };
  }
}

/** Lines of both in one order; of a passage that differs, the first text's lines come first. */
function alignLines(first: readonly string[], second: readonly string[]): Line[] {
  const lines: Line[] = [];
  let [a, b] = [0, 0];
  const passageUntil = (endA: number, endB: number): void => {
    for (; a < endA && b < endB; a++, b++) {
      const line = grownLine(first[a] ?? '', second[b] ?? '');
      if (line === null) break;
      lines.push(line);
    }
    for (; a < endA; a++) lines.push({ side: 'first', text: first[a] ?? '' });
    for (; b < endB; b++) lines.push({ side: 'second', text: second[b] ?? '' });
  };
  for (const [lineA, lineB] of commonLines(first, second)) {
    passageUntil(lineA, lineB);
    lines.push({ side: 'both', text: first[lineA] ?? '' });
    [a, b] = [lineA + 1, lineB + 1];
  }
  passageUntil(first.length, second.length);
  return lines;
}

/** One line if one of the two is the other with words inserted at one place; null if both must be kept. */
function grownLine(first: string, second: string): Line | null {
  const [short, long] = first.length <= second.length ? [first, second] : [second, first];
  let at = commonPrefixUtf16(short, long);
  if (at + commonSuffixUtf16(short, long, at) < short.length) return null;
  const length = long.length - short.length;
  // "an end" and "an early end": the insertion is "early ", not "arly e".
  for (let tried = 0; tried < LONGEST_WORD; tried++, at--) {
    const [before, text, after] = [
      short.slice(0, at),
      long.slice(at, at + length),
      short.slice(at),
    ];
    const isOfWords = [before + after, before + text, text + after].every(
      (joined, i) => !isWithinWord(joined, i === 2 ? length : at),
    );
    if (isOfWords && text.isWellFormed() && after.isWellFormed()) {
      const side = long === first ? 'first' : 'second';
      return { side: 'both', text: short, more: { side, at, text } };
    }
    if (at === 0 || short[at - 1] !== long[at + length - 1]) break;
  }
  return null;
}

/** "line 3" and "line 30" are two lines: the insertion is within a word. */
const isWithinWord = (text: string, at: number): boolean =>
  /[\p{L}\p{N}\p{M}]$/u.test(text.slice(Math.max(0, at - 2), at)) &&
  /^[\p{L}\p{N}\p{M}]/u.test(text.slice(at, at + 2));

/**
 * At the end of the text, an extension of a line by the second side and lines added behind it by the first are insertions
 * at one place, of which the first side's come first. Such a line is kept twice, as it is on each side.
 */
function separateAtEnd(lines: readonly Line[]): readonly Line[] {
  const index = lines.findLastIndex(({ side }) => side === 'both');
  const line = lines[index];
  if (line === undefined) return lines;
  const { more, text } = line;
  const isAfterSecond =
    more === undefined
      ? text === '' && lines[index - 1]?.side === 'second'
      : more.side === 'second' && more.at === text.length;
  if (!isAfterSecond || !lines.slice(index).some(({ side }) => side === 'first')) return lines;
  const from = lines.slice(0, index).findLastIndex(({ side }) => side === 'both') + 1;
  const of = (own: 'first' | 'second'): Line[] =>
    lines.slice(from).flatMap(({ side, text: common, more: added }) => {
      if (side !== 'both') return side === own ? [{ side, text: common }] : [];
      if (added?.side !== own) return [{ side: own, text: common }];
      const { at } = added;
      return [{ side: own, text: common.slice(0, at) + added.text + common.slice(at) }];
    });
  return separateAtEnd([...lines.slice(0, from), ...of('first'), ...of('second')]);
}

/** Pairs of line numbers, rising on both sides, whose lines are equal. */
function commonLines(first: readonly string[], second: readonly string[]): [number, number][] {
  return (
    alignedWithin(first, second, [0, first.length], [0, second.length]) ??
    alignedByUniqueLines(first, second)
  );
}

/** Null if the two differ in more edits than the search allows. */
function alignedWithin(
  first: readonly string[],
  second: readonly string[],
  [fromA, toA]: readonly [number, number],
  [fromB, toB]: readonly [number, number],
): [number, number][] | null {
  const parts = diffArrays(first.slice(fromA, toA), second.slice(fromB, toB), {
    maxEditLength: EDIT_LIMIT,
  });
  if (parts === undefined) return null;
  const pairs: [number, number][] = [];
  let [a, b] = [fromA, fromB];
  for (const { added, removed, count } of parts) {
    if (added) b += count;
    else if (removed) a += count;
    else for (let i = 0; i < count; i++) pairs.push([a++, b++]);
  }
  return pairs;
}

/** Aligns very different long texts by lines that are unique in each, then between those. */
function alignedByUniqueLines(
  first: readonly string[],
  second: readonly string[],
): [number, number][] {
  const [inFirst, inSecond] = [uniqueLines(first), uniqueLines(second)];
  const candidates: [number, number][] = [];
  for (const [line, a] of inFirst) {
    const b = inSecond.get(line);
    if (b !== undefined) candidates.push([a, b]);
  }
  candidates.sort(([a], [b]) => a - b);
  const pairs: [number, number][] = [];
  let [a, b] = [0, 0];
  for (const [lineA, lineB] of [
    ...longestRising(candidates),
    [first.length, second.length],
  ] as const) {
    pairs.push(...(alignedWithin(first, second, [a, lineA], [b, lineB]) ?? []));
    if (lineA < first.length) pairs.push([lineA, lineB]);
    [a, b] = [lineA + 1, lineB + 1];
  }
  return pairs;
}

function uniqueLines(lines: readonly string[]): Map<string, number> {
  const unique = new Map<string, number>();
  const seen = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (seen.has(line)) unique.delete(line);
    else unique.set(line, index);
    seen.add(line);
  }
  return unique;
}

/** The longest subsequence of pairs with rising second numbers, by patience sorting. */
function longestRising(pairs: readonly [number, number][]): [number, number][] {
  const tops: number[] = [];
  const before: number[] = [];
  for (const [index, [, b]] of pairs.entries()) {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tops[middle] ?? 0]?.[1] ?? 0) < b) low = middle + 1;
      else high = middle;
    }
    before[index] = tops[low - 1] ?? -1;
    tops[low] = index;
  }
  const run: [number, number][] = [];
  for (let index = tops.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) run.push(pair);
  }
  return run.reverse();
}
