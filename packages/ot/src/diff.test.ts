/// <reference types="node" />
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffTexts } from './diff.ts';
import { DocumentText } from './document-text.ts';
import { countCodePoints, type TextOperation } from './operation.ts';
import { textOf } from './test-texts.ts';

/** Code points inserted plus deleted. */
function cost(operation: TextOperation): number {
  let sum = 0;
  for (const component of operation) {
    if (typeof component === 'string') sum += countCodePoints(component);
    else if (typeof component === 'object') sum += component.d;
  }
  return sum;
}

/** The minimal cost, from the longest common subsequence by its textbook recurrence. */
function leastCost(before: string, after: string): number {
  const a = Array.from(before);
  const b = Array.from(after);
  let row = new Array<number>(b.length + 1).fill(0);
  for (const symbol of a) {
    const next = [0];
    b.forEach((other, j) => {
      const same = symbol === other ? (row[j] ?? 0) + 1 : 0;
      next.push(Math.max(same, row[j + 1] ?? 0, next[j] ?? 0));
    });
    row = next;
  }
  return a.length + b.length - 2 * (row[b.length] ?? 0);
}

it('a diff turns one text into the other at the minimal cost', () => {
  const few = fc.string({
    unit: fc.constantFrom('a', 'b', '😀', '😁', '\u{1fa00}'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.oneof(fc.tuple(few, few), fc.tuple(textOf(12), textOf(12))),
      ([before, after]) => {
        const operation = diffTexts(before, after);
        expect(DocumentText.from(before).apply(operation).toString()).toBe(after);
        expect(cost(operation)).toBe(leastCost(before, after));
      },
    ),
    { numRuns: 3_000 },
  );
});

it.each<[string, string, TextOperation]>([
  ['😀', '😁', [{ d: 1 }, '😁']],
  ['a😀b', 'a😁b', [1, { d: 1 }, '😁']],
  ['😀', '\u{1fa00}', [{ d: 1 }, '\u{1fa00}']],
  ['x😀', 'x\u{1fa00}', [1, { d: 1 }, '\u{1fa00}']],
  ['😀😀', '😀', [1, { d: 1 }]],
  ['', '😀', ['😀']],
  ['same', 'same', []],
])('keeps pairs that share a half whole: %s to %s', (before, after, expected) => {
  const operation = diffTexts(before, after);
  expect(cost(operation)).toBe(cost(expected));
  expect(operation.every((part) => typeof part !== 'string' || part.isWellFormed())).toBe(true);
  expect(DocumentText.from(before).apply(operation).toString()).toBe(after);
});

describe('the diff of two texts of a megabyte', () => {
  let random = 7;
  const below = (bound: number) => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return Math.floor((random / 2 ** 32) * bound);
  };
  const symbols = Array.from('etaoin shrdlu\n😀é');
  const randomText = () =>
    Array.from({ length: 1 << 20 }, () => symbols[below(symbols.length)] ?? '').join('');
  const before = randomText();
  const edited = Array.from(before);
  for (let i = 0; i < 100; i++) edited[below(edited.length)] = 'Z';
  const columns = (end: string) => ('a'.repeat(2_000) + end).repeat(500);

  it.each([
    ['unrelated', before, randomText()],
    ['edited in a hundred places', before, edited.join('')],
    ['shuffled by lines', before, before.split('\n').reverse().join('\n')],
    ['of long rules', `1${columns('x')}2`, `3${columns('y')}4`],
    ['one line inserted', before, before.slice(0, 5_000) + 'a line\n' + before.slice(5_000)],
  ])('is computed in bounded CPU time: %s', (_name, from, to) => {
    const before = process.cpuUsage();
    const operation = diffTexts(from, to);
    const { user, system } = process.cpuUsage(before);
    // CPU time, which other programs do not lengthen: usually 0.1 to 0.3 seconds.
    expect((user + system) / 1_000).toBeLessThan(5_000);
    expect(DocumentText.from(from).apply(operation).toString()).toBe(to);
  });

  it('keeps the equal text of two texts that differ in a hundred places', () => {
    expect(cost(diffTexts(before, edited.join('')))).toBeLessThanOrEqual(200);
  });
});
