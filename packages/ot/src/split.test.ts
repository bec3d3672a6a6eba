import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DocumentText } from './document-text.ts';
import { composeAll, type TextOperation } from './operation.ts';
import { splitOperation } from './split.ts';
import { generousLimits, longText, operationOn, stepsOf, textOf } from './test-texts.ts';
import { validateOperation } from './validate.ts';

interface Limits {
  readonly components: number;
  readonly bytes: number;
}

/** All parts, each valid for the text it applies to. */
function partsOf(operation: TextOperation, base: DocumentText, limits: Limits): TextOperation[] {
  const parts: TextOperation[] = [];
  let rest = operation;
  let text = base;
  do {
    const [first, remaining] = splitOperation(rest, limits);
    const all = { ...generousLimits, ...limits, documentCodePoints: 10_000_000 };
    expect(validateOperation(first, text.lengthCodePoints, all)).toMatchObject({ ok: true });
    text = text.apply(first);
    parts.push(first);
    rest = remaining;
  } while (rest.length > 0);
  return parts;
}

it('the parts are within the limits and compose to the operation', () => {
  const tiny = fc.record({
    components: fc.integer({ min: 2, max: 5 }),
    bytes: fc.integer({ min: 64, max: 90 }),
  });
  const text = fc.oneof(textOf(12), longText);
  const steps = fc.oneof(stepsOf(5), stepsOf(1500));
  fc.assert(
    fc.property(text, steps, textOf(60), tiny, (string, plan, paste, limits) => {
      const base = DocumentText.from(string);
      const pasting = { keep: 2, remove: 3, insert: paste, deletesFirst: false };
      const operation = operationOn(base.lengthCodePoints, [...plan, pasting]);
      const parts = partsOf(operation, base, limits);
      // As editor changes: an insertion behind a deletion may be composed to one before it.
      expect(base.changesFromOperation(composeAll(parts))).toEqual(
        base.changesFromOperation(operation),
      );
      const last = parts.reduce((current, part) => current.apply(part), base);
      expect(last.toString()).toBe(base.apply(operation).toString());
    }),
    { numRuns: 1_000 },
  );
});

it.each([
  ['plain', 'x'.repeat(1 << 20), 17],
  ['of pairs', '😀'.repeat(1 << 18), 17],
  ['of escapes', '\u0000"\n'.repeat(1 << 18), 41],
])('a paste of a megabyte, %s, fills its parts', (_name, paste, count) => {
  const base = DocumentText.from('before after');
  const operation = [7, paste, { d: 2 }];
  const parts = partsOf(operation, base, generousLimits);
  expect(parts.length).toBeLessThanOrEqual(count);
  expect(composeAll(parts)).toEqual(operation);
});

it('replacing a whole text never makes it longer than it was or will be', () => {
  const before = DocumentText.from('a'.repeat(900_000));
  let text = before;
  for (const part of partsOf(['b'.repeat(800_000), { d: 900_000 }], before, generousLimits)) {
    expect(validateOperation(part, text.lengthCodePoints, generousLimits).ok).toBe(true);
    text = text.apply(part);
  }
  expect(text.lengthCodePoints).toBe(800_000);
});

it('an operation with many components is cut between them', () => {
  const operation: (number | string)[] = [];
  for (let i = 0; i < 5_000; i++) operation.push(1, 'x');
  const parts = partsOf(operation, DocumentText.from('a'.repeat(6_000)), generousLimits);
  expect(parts).toHaveLength(10);
  expect(composeAll(parts)).toEqual(operation);
});

it('an operation within the limits is not split', () => {
  expect(splitOperation([1, 'x'], generousLimits)).toEqual([[1, 'x'], []]);
  expect(splitOperation([], generousLimits)).toEqual([[], []]);
});

it('limits too small for any part throw instead of looping', () => {
  expect(() => splitOperation([5, 'x'], { components: 1, bytes: 64 })).toThrow(RangeError);
  expect(() => splitOperation(['😀'], { components: 2, bytes: 8 })).toThrow(RangeError);
});

it('splitting a long paste reads each character a few times, for any number of parts', () => {
  const paste = 'x'.repeat(1 << 20);
  const looks = countingLooks(() => {
    for (let rest: TextOperation = [paste, { d: 2 }]; rest.length > 0;) {
      rest = splitOperation(rest, generousLimits)[1];
    }
  });
  expect(looks).toBeLessThan(8 * paste.length);
});

/** Number of calls of `charCodeAt`, by which counting and splitting read characters. */
function countingLooks(work: () => void): number {
  const look = Reflect.get(String.prototype, 'charCodeAt');
  let looks = 0;
  String.prototype.charCodeAt = function (at) {
    looks += 1;
    return look.call(String(this), at);
  };
  try {
    work();
  } finally {
    String.prototype.charCodeAt = look;
  }
  return looks;
}
