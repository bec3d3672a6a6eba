/**
 * Finds the parts of a line that are not drawn, because drawing them would block the page: browsers shape a run of
 * combining marks in quadratic time (100,000 of them take 21 s per keystroke), and each control character and each
 * change of direction costs a DOM element. Such a part is replaced by a chip that can be deleted like a character; the
 * text itself is never changed.
 */

/** A part of a line, in UTF-16 units from its start. */
export interface DensePart {
  readonly from: number;
  readonly to: number;
}

/** Maximum UTF-16 units that extend a character. Scripts stack fewer than ten marks; an emoji of four people has 17. */
const CLUSTER_MAX = 24;
/** … of which this many are drawn if there are more. */
const CLUSTER_DRAWN = 8;
/** Parts of a line that are replaced one by one; beyond them the whole rest of the line is replaced. */
const PARTS_MAX = 20;
/** Maximum control and format characters drawn in a line: each needs a DOM element. */
const CONTROLS_MAX = 500;
/** Maximum changes of direction drawn in a line: a long paragraph that mixes two scripts has some hundred. */
const DIRECTIONS_MAX = 2_000;
/** Shorter lines are always drawn completely. */
const LINE_MIN = CLUSTER_MAX + 1;

/** A run of marks, joiners, variation selectors, tags and skin tones, and of what a joiner or a virama joins. */
const cluster =
  // eslint-disable-next-line no-misleading-character-class -- characters that join others, one by one
  /(?:[\p{M}\u200c\u200d\u{e0020}-\u{e007f}\u{1f3fb}-\u{1f3ff}]|(?<=[\u200d\u094d])\P{M})+/gu;
const control =
  // eslint-disable-next-line no-control-regex -- the control characters themselves
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc]/g;
/** A right-to-left letter followed by a left-to-right letter or digit. */
const direction =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc][^\p{L}\p{N}]*(?![\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])[\p{L}\p{N}]/gu;
const isPlain = /^[\u0020-\u02ff\u0370-\u03ff\u0400-\u0482\u048a-\u052f\u3000-\u9fff\t]*$/;

/** The parts of a line that are not drawn, in order; empty for nearly every line. */
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

/** Start of the nth match; the length of the line if there are fewer. */
function startOfNth(line: string, pattern: RegExp, nth: number): number {
  let count = 0;
  for (const match of line.matchAll(pattern)) if (++count > nth) return match.index;
  return line.length;
}

/** The position, moved forward by one if it splits a surrogate pair. */
function betweenCharacters(line: string, position: number): number {
  const unit = line.charCodeAt(position);
  return unit >= 0xdc00 && unit <= 0xdfff ? position + 1 : position;
}
