/** Texts, operations and edits for the property tests of this package. */
import fc from 'fast-check';
import { OperationBuilder, type TextOperation } from './operation.ts';
import type { TextChange } from './document-text.ts';

/** Hard parts of Unicode: pairs sharing a half, ZWJ sequences, combining marks, escapes, line ends. */
const fragments = [
  ...['a', 'b', ' ', '\n', '\r\n', '"', '\\', '\u0000', '\u007f', 'é', 'ß', '\ufffd', '\u2028'],
  ...['e\u0301', 'o\u0308\u0323', '漢', '😀', '😁', '\u{1fa00}', '𝒳', '\u{10ffff}'],
  ...['👩‍👩‍👧', '🏳️‍🌈', '👍🏽', '🇳🇿', '\u200d', '\ufe0f'],
];

/** Well-formed text of up to `maxFragments` pieces. */
export function textOf(maxFragments: number): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...fragments), { maxLength: maxFragments })
    .map((pieces) => pieces.join(''));
}

/** Text of several chunks, with pairs at changing distances from the chunks' borders. */
export const longText: fc.Arbitrary<string> = fc
  .tuple(textOf(12), fc.nat(3), fc.array(textOf(6), { minLength: 1, maxLength: 4 }))
  .map(([start, shift, blocks]) => {
    const body = blocks.map((block) => (block + '😀'.repeat(shift) + 'x').repeat(150)).join('');
    return start + body;
  });

interface Step {
  readonly keep: number;
  readonly remove: number;
  readonly insert: string;
  readonly deletesFirst: boolean;
}

export function stepsOf(longestKeep: number): fc.Arbitrary<readonly Step[]> {
  return fc.array(
    fc.record({
      keep: fc.nat(longestKeep),
      remove: fc.oneof(fc.nat(3), fc.nat(longestKeep)),
      insert: textOf(4),
      deletesFirst: fc.boolean(),
    }),
    { maxLength: 6 },
  );
}

/** An operation that fits a text of `length` code points. */
export function operationOn(length: number, plan: readonly Step[]): TextOperation {
  const operation = new OperationBuilder();
  let left = length;
  for (const { keep, remove, insert, deletesFirst } of plan) {
    const kept = Math.min(keep, left);
    left -= kept;
    const removed = Math.min(remove, left);
    left -= removed;
    operation.retain(kept);
    if (deletesFirst) operation.delete(removed).insert(insert);
    else operation.insert(insert).delete(removed);
  }
  return operation.build();
}

/** Applies `operation` to an array of code points, as a simple reference implementation. */
export function applyNaively(text: string, operation: TextOperation): string {
  const source = Array.from(text);
  const result: string[] = [];
  for (const component of operation) {
    if (typeof component === 'string') result.push(component);
    else if (typeof component === 'number') result.push(...source.splice(0, component));
    else source.splice(0, component.d);
  }
  return result.join('') + source.join('');
}

/** Editor changes on a string, in UTF-16 units. */
export function editNaively(text: string, changes: readonly TextChange[]): string {
  let result = '';
  let read = 0;
  for (const { from, to, insert } of changes) {
    result += text.slice(read, from) + insert;
    read = to;
  }
  return result + text.slice(read);
}

/** Larger than any operation of the tests. */
export const generousLimits = {
  components: 1_000,
  bytes: 64 * 1024,
  documentCodePoints: 1_000_000,
};
