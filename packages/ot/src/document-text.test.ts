import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DocumentText,
  isWellFormed,
  OperationOutOfRangeError,
  toWellFormed,
  type TextChange,
} from './document-text.ts';
import { countCodePoints, noOperation } from './operation.ts';
import {
  applyNaively,
  editNaively,
  generousLimits,
  longText,
  operationOn,
  stepsOf,
  textOf,
} from './test-texts.ts';
import { validateOperation } from './validate.ts';

const anyText = fc.oneof(textOf(12), longText);
const anySteps = fc.oneof(stepsOf(5), stepsOf(1500));
const thorough = { numRuns: 500 };

describe('a text in chunks behaves like an array of code points', () => {
  it('when an operation is applied and inverted', () => {
    fc.assert(
      fc.property(anyText, anySteps, (text, plan) => {
        const before = DocumentText.from(text);
        const operation = operationOn(before.lengthCodePoints, plan);
        const after = before.apply(operation);
        const expected = applyNaively(text, operation);
        expect(after.toString()).toBe(expected);
        expect(after.lengthUtf16).toBe(expected.length);
        expect(after.lengthCodePoints).toBe(Array.from(expected).length);
        expect(before.toString()).toBe(text);
        const inverse = before.invert(operation);
        expect(validateOperation(inverse, after.lengthCodePoints, generousLimits).ok).toBe(true);
        expect(after.apply(inverse).toString()).toBe(text);
      }),
      thorough,
    );
  });

  it('when positions are converted', () => {
    fc.assert(
      fc.property(anyText, fc.nat(9000), (string, seed) => {
        const text = DocumentText.from(string);
        const codePoints = Array.from(string);
        const position = seed % (codePoints.length + 3);
        const utf16 = codePoints.slice(0, position).join('').length;
        expect(text.utf16FromCodePoint(position)).toBe(utf16);
        expect(text.codePointFromUtf16(utf16)).toBe(Math.min(position, codePoints.length));
        if (codePoints[position]?.length === 2) {
          expect(text.codePointFromUtf16(utf16 + 1)).toBe(position);
        }
      }),
      thorough,
    );
  });

  it('when a slice is taken', () => {
    fc.assert(
      fc.property(anyText, fc.nat(4000), fc.nat(4000), (string, a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        expect(DocumentText.from(string).sliceCodePoints(from, to)).toBe(
          Array.from(string).slice(from, to).join(''),
        );
      }),
      thorough,
    );
  });

  it('when positions are at both ends or beyond them', () => {
    const text = DocumentText.from('a😀b');
    expect([-5, 0, 3, 4, 99].map((at) => text.utf16FromCodePoint(at))).toEqual([0, 0, 4, 4, 4]);
    expect([-5, 0, 2, 4, 99].map((at) => text.codePointFromUtf16(at))).toEqual([0, 0, 1, 3, 3]);
    expect(text.sliceCodePoints(-5, 2)).toBe('a😀');
    expect(text.sliceCodePoints(2, 1)).toBe('');
    expect(text.apply(noOperation)).toBe(text);
    expect(DocumentText.empty.apply(['x']).toString()).toBe('x');
  });
});

it.each([
  ['keeps', [4, 'x']],
  ['deletes', [{ d: 4 }]],
  ['keeps and deletes', [2, { d: 2 }]],
])('an operation that %s more than there is throws', (_name, operation) => {
  expect(() => DocumentText.from('a😀b').apply(operation)).toThrow(OperationOutOfRangeError);
});

it('an operation converted to editor changes has the same effect on the string', () => {
  fc.assert(
    fc.property(anyText, anySteps, (string, plan) => {
      const text = DocumentText.from(string);
      const operation = operationOn(text.lengthCodePoints, plan);
      const changes = text.changesFromOperation(operation);
      expect(editNaively(string, changes)).toBe(text.apply(operation).toString());
      changes.forEach(({ from, to }, index) => {
        expect(from).toBeLessThanOrEqual(to);
        expect(from).toBeGreaterThan(changes[index - 1]?.to ?? -1);
      });
    }),
    thorough,
  );
});

describe('editor changes as an operation', () => {
  /** Changes at any place, also inside pairs, touching each other, inserting lone surrogates. */
  const gaps = fc.array(
    fc.record({
      gap: fc.oneof(fc.nat(3), fc.nat(1100)),
      length: fc.oneof(fc.nat(3), fc.nat(1100)),
      insert: fc
        .array(fc.constantFrom('a', '\n', '😀', '\ud83d', '\ude00', '\ude01', 'e\u0301'), {
          maxLength: 3,
        })
        .map((pieces) => pieces.join('')),
    }),
    { maxLength: 6 },
  );

  function changesOn(
    string: string,
    plan: readonly { gap: number; length: number; insert: string }[],
  ) {
    const changes: TextChange[] = [];
    let read = 0;
    for (const { gap, length, insert } of plan) {
      const from = Math.min(read + gap, string.length);
      const to = Math.min(from + length, string.length);
      changes.push({ from, to, insert });
      read = to;
    }
    return changes;
  }

  it('give the edited string, made well-formed, by a valid operation', () => {
    fc.assert(
      fc.property(anyText, gaps, (string, plan) => {
        const text = DocumentText.from(string);
        const changes = changesOn(string, plan);
        const operation = text.operationFromChanges(changes);
        const validation = validateOperation(operation, text.lengthCodePoints, generousLimits);
        expect(validation).toMatchObject({ ok: true });
        expect(text.apply(operation).toString()).toBe(toWellFormed(editNaively(string, changes)));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each<[string, string, TextChange[], string]>([
    ['the second half of an emoji is replaced', '😀', [{ from: 1, to: 2, insert: '\ude01' }], '😁'],
    ['the first half of an emoji is deleted', 'a😀b', [{ from: 1, to: 2, insert: '' }], 'a\ufffdb'],
    [
      'two changes share an emoji',
      '😀',
      [
        { from: 0, to: 1, insert: 'a' },
        { from: 1, to: 2, insert: 'b' },
      ],
      'ab',
    ],
    [
      'an emoji is inserted by halves',
      'xy',
      [
        { from: 1, to: 1, insert: '\ud83d' },
        { from: 1, to: 2, insert: '\ude00' },
      ],
      'x😀',
    ],
    ['something is typed into an emoji', '😀', [{ from: 1, to: 1, insert: 'x' }], '\ufffdx\ufffd'],
    ['nothing changes inside an emoji', '😀', [{ from: 1, to: 1, insert: '' }], '😀'],
  ])('when %s', (_name, string, changes, expected) => {
    const text = DocumentText.from(string);
    expect(text.apply(text.operationFromChanges(changes)).toString()).toBe(expected);
  });
});

it('lone surrogates are found and replaced, pairs are kept', () => {
  expect(isWellFormed('a😀')).toBe(true);
  for (const broken of ['\ud83d', '\ude00', 'a\ud83db', '\ude00\ud83d', '😀\ude00']) {
    expect(isWellFormed(broken)).toBe(false);
    expect(toWellFormed(broken)).toHaveLength(broken.length);
    expect(isWellFormed(toWellFormed(broken))).toBe(true);
  }
  expect(toWellFormed('\ud83d\ud83d\ude00')).toBe('\ufffd😀');
});

it('chunks stay few after 100,000 single-character edits at random places', () => {
  const start = 'lorem ipsum 😀 dolor\n'.repeat(5_000);
  let text = DocumentText.from(start);
  let random = 1;
  const below = (bound: number) => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return Math.floor((random / 2 ** 32) * bound);
  };
  for (let i = 0; i < 100_000; i++) {
    const at = below(text.lengthCodePoints);
    text = text.apply(i % 2 === 0 ? [at, '😀'] : [at, { d: 1 }]);
  }
  expect(text.lengthCodePoints).toBe(countCodePoints(start));
  // Two neighbours hold more than a chunk's 1,024 units together.
  expect(text.chunkCount).toBeLessThanOrEqual(Math.ceil((2 * text.lengthUtf16) / 1024) + 1);
  expect(DocumentText.from(text.toString()).lengthCodePoints).toBe(text.lengthCodePoints);
});
