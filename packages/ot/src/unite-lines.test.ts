import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentText } from './document-text.ts';
import { transformUncommitted } from './operation.ts';
import { uniteLines } from './unite-lines.ts';

function united(first: string, second: string): { common: string; united: string; behind: string } {
  const operations = uniteLines(first, second);
  const common = DocumentText.from(first).apply(operations.toCommon);
  expect(common.apply(operations.first).toString()).toBe(first);
  const own = transformUncommitted(operations.second, operations.first);
  return {
    common: common.toString(),
    united: DocumentText.from(first).apply(own).toString(),
    behind: common.apply(operations.second).toString(),
  };
}

it.each([
  ['lines written apart', 'a\nmilk 31\nb\n', 'a\nbread 21\nbread 22\nb\n', 'a\nmilk 31\nbread 21\nbread 22\nb\n'], // prettier-ignore
  ['lines behind the last', 'a\nmine', 'a\nyours\nagain', 'a\nmine\nyours\nagain'],
  ['lines before the first', 'mine\na', 'yours\na', 'mine\nyours\na'],
  ['numbered lines that begin alike', 'line 3\n', 'line 30\n', 'line 3\nline 30\n'],
  ['a line that was continued', 'Dear all\nbye\n', 'Dear all, hello\nbye\n', 'Dear all, hello\nbye\n'], // prettier-ignore
  ['words put into a line', 'at an end', 'at an early end', 'at an early end'],
  ['a word made longer', 'an end', 'an ending', 'an end\nan ending'],
  ['a continued last line, and lines behind it', 'a\nhe\nmore', 'a\nhe said', 'a\nhe\nmore\nhe said'], // prettier-ignore
  ['nothing in common', 'mine', 'yours', 'mine\nyours'],
  ['an empty text', '', 'yours\n', 'yours\n'],
  ['a text that the other has all of', 'a\nb\nc', 'b', 'a\nb\nc'],
  ['emoji that share a half', '😀\nx', '😁\nx', '😀\n😁\nx'],
])('%s are all there, once', (_name, first, second, expected) => {
  expect(united(first, second).united).toBe(expected);
});

const linesOf = fc
  .array(fc.constantFrom('', 'a', 'b', 'c d', 'c', 'c d e', '😀', '😁', 'x y'), { maxLength: 9 })
  .map((lines) => lines.join('\n'));

it('each line occurs as often as in the text that has it more often, or within a longer line', () => {
  fc.assert(
    fc.property(linesOf, linesOf, (first, second) => {
      const result = united(first, second);
      expect([second, `\n${second}`]).toContain(result.behind);
      expect(uniteLines(first, second).second.every((part) => typeof part !== 'object')).toBe(true);
      for (const text of [first, second]) {
        const rest = result.united.split('\n');
        for (const line of text.split('\n')) {
          const at = rest.findIndex((other) =>
            line.split(' ').every((word) => other.includes(word)),
          );
          expect(at, `${line} in ${result.united}`).toBeGreaterThanOrEqual(0);
        }
        expect(rest.length).toBeLessThanOrEqual(
          first.split('\n').length + second.split('\n').length,
        );
      }
      for (const line of new Set(result.united.split('\n'))) {
        const count = (text: string): number => text.split('\n').filter((l) => l === line).length;
        expect(count(result.united)).toBeLessThanOrEqual(count(first) + count(second));
      }
    }),
    { numRuns: 3_000 },
  );
});

describe('long texts', () => {
  const numbered = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${name} ${i}`);

  it('that differ in thousands of lines are still aligned by their unique lines', () => {
    const common = numbered('common', 3_000);
    const first = common.flatMap((line, i) => [line, `first ${i}`]);
    const second = common.flatMap((line, i) => [line, `second ${i}`]);
    const result = united(first.join('\n'), second.join('\n'));
    expect(result.common.split('\n')).toHaveLength(3_000);
    expect(result.united.split('\n')).toHaveLength(9_000);
  });

  it('without common lines are put one behind the other', () => {
    const [first, second] = [numbered('first', 20_000), numbered('second', 20_000)];
    const result = united(first.join('\n'), second.join('\n'));
    expect(result.united).toBe([...first, ...second].join('\n'));
  });
});
