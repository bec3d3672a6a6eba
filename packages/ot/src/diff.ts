/** The smallest operation that turns one text into another. */
import { diffChars, diffLines } from 'diff';
import { commonPrefixUtf16, commonSuffixUtf16 } from './common-ends.ts';
import { countCodePoints, OperationBuilder, type TextOperation } from './operation.ts';

/**
 * Insertions plus deletions up to which the shortest edit script is sought. Myers' algorithm
 * ("An O(ND) Difference Algorithm", 1986) costs the square of this.
 */
const SHORTEST_EDIT_LIMIT = 1_000;

/**
 * Bound of a search's cost, in length times edits. Repetitive texts, such as long rules of one character, cost this
 * much (a second or two); others far less. Counted in steps, not time: the result must be the same on every machine
 * (pure cores).
 */
const SEARCH_STEPS = 500_000_000;

/**
 * An operation from `before` to `after`, both well-formed. Minimal (fewest code points inserted plus
 * deleted) while that is no more than a thousand code points and affordable; beyond that, minimal by lines
 * and within each changed line, and for wholly different texts the replacement between their common ends.
 */
export function diffTexts(before: string, after: string): TextOperation {
  const start = commonPrefixUtf16(before, after);
  const end = commonSuffixUtf16(before, after, start);
  const operation = new OperationBuilder();
  operation.retain(countCodePoints(before.slice(0, start)));
  diffMiddle(
    before.slice(start, before.length - end),
    after.slice(start, after.length - end),
    operation,
  );
  return operation.build();
}

function diffMiddle(before: string, after: string, operation: OperationBuilder): void {
  if (before === '' || after === '') {
    operation.insert(after).delete(countCodePoints(before));
    return;
  }
  // diffChars compares by code point: it never splits a surrogate pair.
  const characters = diffChars(before, after, searchLimit(before, after));
  if (characters !== undefined) {
    for (const part of characters) append(part, operation);
    return;
  }
  const lines = diffLines(before, after, { maxEditLength: SHORTEST_EDIT_LIMIT });
  if (lines === undefined) {
    operation.insert(after).delete(countCodePoints(before));
    return;
  }
  // Within changed lines only the changed characters: unsent edits of this client there must survive (I5).
  for (let index = 0; index < lines.length; index++) {
    const [part, next] = [lines[index], lines[index + 1]];
    if (part === undefined) break;
    if (next !== undefined && part.removed && next.added) {
      diffLine(part.value, next.value, operation);
      index++;
    } else append(part, operation);
  }
}

/** Changed lines against their replacement: by characters if such a diff is found within the limit, else as a whole. */
function diffLine(before: string, after: string, operation: OperationBuilder): void {
  const start = commonPrefixUtf16(before, after);
  const end = commonSuffixUtf16(before, after, start);
  const [from, to] = [
    before.slice(start, before.length - end),
    after.slice(start, after.length - end),
  ];
  operation.retain(countCodePoints(before.slice(0, start)));
  const parts = from === '' || to === '' ? undefined : diffChars(from, to, searchLimit(from, to));
  if (parts === undefined) operation.insert(to).delete(countCodePoints(from));
  else for (const part of parts) append(part, operation);
  operation.retain(countCodePoints(before.slice(before.length - end)));
}

function append(
  part: { readonly value: string; readonly added: boolean; readonly removed: boolean },
  operation: OperationBuilder,
): void {
  if (part.added) operation.insert(part.value);
  else if (part.removed) operation.delete(countCodePoints(part.value));
  else operation.retain(countCodePoints(part.value));
}

function searchLimit(before: string, after: string): { readonly maxEditLength: number } {
  const affordable = Math.floor(SEARCH_STEPS / (before.length + after.length));
  return { maxEditLength: Math.min(SHORTEST_EDIT_LIMIT, Math.max(1, affordable)) };
}
