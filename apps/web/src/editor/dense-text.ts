/**
 * Which parts of a line are not drawn, because drawing them would stop the page: browsers shape a run of combining marks
 * in quadratic time (100,000 of them take 21 s with each key), and each control character and change of direction costs
 * an element of its own. What is left out is replaced by a chip that can be deleted like a character; the text itself
 * is never changed.
 */

/** A part of a line, in UTF-16 units from its start. */
export interface DensePart {
  readonly from: number;
  readonly to: number;
}

/** UTF-16 units that continue a character. Scripts stack fewer than ten marks; an emoji of four people has 17 units. */
const CLUSTER_MAX = 24;
/** … of which so many are drawn when there are more. */
const CLUSTER_DRAWN = 8;
/** Parts of a line that are left out one by one; then all of its rest is. */
const PARTS_MAX = 20;
/** Control and format characters of a line: each is drawn by an element of its own. */
const CONTROLS_MAX = 500;
/** Changes of the writing direction in a line: a long paragraph that mixes two scripts has some hundred. */
const DIRECTIONS_MAX = 2_000;
/** Shorter lines are drawn as they are. */
const LINE_MIN = CLUSTER_MAX + 1;

/** A run of marks, joiners, variation selectors, tags and skin tones, and of what a joiner or a virama joins. */
const cluster =
  // eslint-disable-next-line no-misleading-character-class -- characters that join others, one by one
  /(?:[\p{M}\u200c\u200d\u{e0020}-\u{e007f}\u{1f3fb}-\u{1f3ff}]|(?<=[\u200d\u094d])\P{M})+/gu;
const control =
  // eslint-disable-next-line no-control-regex -- the control characters themselves
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc]/g;
/** A letter that is written from right to left, and the letter or digit after it that is not. */
const direction =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc][^\p{L}\p{N}]*(?![\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])[\p{L}\p{N}]/gu;
const isPlain = /^[\u0020-\u02ff\u0370-\u03ff\u0400-\u0482\u048a-\u052f\u3000-\u9fff\t]*$/;

/** The parts of a line that are not drawn, in order; none for nearly every line there is. */
export function denseParts(line: string): readonly DensePart[] {
  if (line.length < LINE_MIN || isPlain.test(line)) return [];
  const end = Math.min(
    startOfNth(line, control, CONTROLS_MAX),
    startOfNth(line, direction, DIRECTIONS_MAX),
  );
  const parts: DensePart[] = [];
  cluster.lastIndex = 0;
  for (let match = cluster.exec(line); match !== null; match = cluster.exec(line)) {
    if (match.index >= end) break;
    if (match[0].length <= CLUSTER_MAX) continue;
    const from = betweenCharacters(line, match.index + CLUSTER_DRAWN);
    if (parts.length === PARTS_MAX) return [...parts, { from, to: line.length }];
    parts.push({ from, to: Math.min(match.index + match[0].length, end) });
  }
  if (end < line.length) parts.push({ from: end, to: line.length });
  return parts;
}

/** Where the match of that number begins; the length of the line when it has fewer. */
function startOfNth(line: string, pattern: RegExp, nth: number): number {
  let count = 0;
  for (const match of line.matchAll(pattern)) if (++count > nth) return match.index;
  return line.length;
}

/** The position itself, or the next one when it lies within a surrogate pair. */
function betweenCharacters(line: string, position: number): number {
  const unit = line.charCodeAt(position);
  return unit >= 0xdc00 && unit <= 0xdfff ? position + 1 : position;
}
