import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DocumentText } from './document-text.ts';
import {
  compose,
  countCodePoints,
  OperationBuilder,
  transformCommitted,
  transformUncommitted,
  type TextOperation,
} from './operation.ts';
import { validateOperation } from './validate.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
type Step = { readonly keep: number; readonly remove: number; readonly insert: string };
const steps = fc.array(
  fc.record({
    keep: fc.nat(6),
    remove: fc.nat(3),
    insert: fc.string({ unit: 'grapheme', maxLength: 4 }),
  }),
  { maxLength: 6 },
);

/** An operation that fits a text of `length` code points. */
function operationOn(length: number, plan: readonly Step[]): TextOperation {
  const operation = new OperationBuilder();
  let left = length;
  for (const { keep, remove, insert } of plan) {
    const kept = Math.min(keep, left);
    left -= kept;
    const removed = Math.min(remove, left);
    left -= removed;
    operation.retain(kept).insert(insert).delete(removed);
  }
  return operation.build();
}

it('two concurrent operations converge, whichever is committed first', () => {
  fc.assert(
    fc.property(text, steps, steps, (base, plan, other) => {
      const start = DocumentText.from(base);
      const committed = operationOn(start.lengthCodePoints, plan);
      const mine = operationOn(start.lengthCodePoints, other);
      const owner = start.apply(committed).apply(transformUncommitted(mine, committed));
      const client = start.apply(mine).apply(transformCommitted(committed, mine));
      expect(client.toString()).toBe(owner.toString());
    }),
  );
});

it('composition is exact for applying, and an inverse restores the text', () => {
  fc.assert(
    fc.property(text, steps, steps, (base, plan, later) => {
      const start = DocumentText.from(base);
      const first = operationOn(start.lengthCodePoints, plan);
      const middle = start.apply(first);
      const second = operationOn(middle.lengthCodePoints, later);
      expect(start.apply(compose(first, second)).toString()).toBe(middle.apply(second).toString());
      expect(middle.apply(start.invert(first)).toString()).toBe(base);
    }),
  );
});

const limits = { components: 1_000, bytes: 64 * 1024, documentCodePoints: 1_000_000 };

it.each<[string, unknown]>([
  ['an insert past the end', [1e9, 'x']],
  ['a delete past the end', [{ d: 1e9 }]],
  ['an infinite count', [1e999, 'x']],
  ['a fraction', [0.5, 'x']],
  ['a boolean', [true]],
  ['a negative count', [-1, 'x']],
  ['a lone surrogate', ['\ud800']],
  ['100,000 components', Array.from({ length: 100_000 }, (_, i) => (i % 2 ? 'x' : 1))],
  ['an extra key', [{ d: 1, e: 2 }]],
  ['__proto__', [JSON.parse('{"d":1,"__proto__":{"d":1}}')]],
])('refuses %s', (_name, candidate) => {
  expect(validateOperation(candidate, 10, limits).ok).toBe(false);
});

it('counts code points, not UTF-16 units', () => {
  expect(countCodePoints('a👩‍👩‍👧e\u0301')).toBe([...'a👩‍👩‍👧e\u0301'].length);
});
