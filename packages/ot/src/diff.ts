/** The smallest operation that turns one text into another. */
import { diffChars, diffLines } from 'diff';
import { countCodePoints, OperationBuilder, type TextOperation } from './operation.ts';

/**
 * Insertions plus deletions up to which the shortest edit script is sought. Myers' algorithm
 * ("An O(ND) Difference Algorithm", 1986) costs the square of this.
 */
const SHORTEST_EDIT_LIMIT = 1_000;

/**
 * How long it is sought at most. Texts that repeat themselves, such as long rules of one character, make
 * each step of the search long; an operation that is not the shortest is correct all the same.
 */
const SEARCH_TIMEOUT_MS = 200;

/**
 * An operation from `before` to `after`, both well-formed. Minimal (fewest code points inserted plus
 * deleted) while that is no more than a thousand code points and found in time; beyond that, minimal by
 * lines, and for wholly different texts the replacement of what lies between their common ends.
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
  const options = { maxEditLength: SHORTEST_EDIT_LIMIT, timeout: SEARCH_TIMEOUT_MS };
  // diffChars compares by code point: it never splits a surrogate pair.
  const parts = diffChars(before, after, options) ?? diffLines(before, after, options);
  if (parts === undefined) {
    operation.insert(after).delete(countCodePoints(before));
    return;
  }
  for (const part of parts) {
    if (part.added) operation.insert(part.value);
    else if (part.removed) operation.delete(countCodePoints(part.value));
    else operation.retain(countCodePoints(part.value));
  }
}

function commonPrefixUtf16(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  // Not between the halves of a pair.
  return length > 0 && (a.charCodeAt(length - 1) & 0xfc00) === 0xd800 ? length - 1 : length;
}

function commonSuffixUtf16(a: string, b: string, prefix: number): number {
  const most = Math.min(a.length, b.length) - prefix;
  let length = 0;
  while (
    length < most &&
    a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length)
  ) {
    length++;
  }
  return length > 0 && (a.charCodeAt(a.length - length) & 0xfc00) === 0xdc00 ? length - 1 : length;
}
