import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentText } from './document-text.ts';
import {
  compose,
  composeAll,
  countCodePoints,
  endOfLastChange,
  insertAt,
  insertedText,
  lengthChange,
  OperationBuilder,
  removeAt,
  transformCommitted,
  transformUncommitted,
  utf16OffsetOf,
  type TextOperation,
} from './operation.ts';
import { operationOn, stepsOf, textOf } from './test-texts.ts';

const text = textOf(12);
const steps = stepsOf(6);

it('two concurrent operations converge, whichever is committed first (TP1)', () => {
  fc.assert(
    fc.property(text, steps, steps, (base, plan, other) => {
      const start = DocumentText.from(base);
      const committed = operationOn(start.lengthCodePoints, plan);
      const mine = operationOn(start.lengthCodePoints, other);
      const owner = start.apply(committed).apply(transformUncommitted(mine, committed));
      const client = start.apply(mine).apply(transformCommitted(committed, mine));
      expect(client.toString()).toBe(owner.toString());
    }),
    { numRuns: 20_000 },
  );
});

it('an uncommitted operation may be transformed over committed ones one by one or composed', () => {
  fc.assert(
    fc.property(text, steps, fc.array(steps, { maxLength: 6 }), (base, plan, plans) => {
      const start = DocumentText.from(base);
      const uncommitted = operationOn(start.lengthCodePoints, plan);
      const committed: TextOperation[] = [];
      let end = start;
      for (const each of plans) {
        const operation = operationOn(end.lengthCodePoints, each);
        committed.push(operation);
        end = end.apply(operation);
      }
      const oneByOne = committed.reduce(transformUncommitted, uncommitted);
      expect(transformUncommitted(uncommitted, composeAll(committed))).toEqual(oneByOne);
    }),
    { numRuns: 20_000 },
  );
});

it('of two insertions at one place the committed one stays left', () => {
  expect(transformUncommitted([1, 'mine'], [1, 'theirs'])).toEqual([7, 'mine']);
  expect(transformCommitted([1, 'theirs'], [1, 'mine'])).toEqual([1, 'theirs']);
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
    { numRuns: 2_000 },
  );
});

it('composition is associative', () => {
  fc.assert(
    fc.property(text, fc.array(steps, { maxLength: 9 }), (base, plans) => {
      const start = DocumentText.from(base);
      const operations: TextOperation[] = [];
      let end = start;
      for (const plan of plans) {
        const operation = operationOn(end.lengthCodePoints, plan);
        operations.push(operation);
        end = end.apply(operation);
      }
      const fromLeft = operations.reduce<TextOperation>((a, b) => compose(a, b), []);
      const fromRight = operations.reduceRight<TextOperation>((b, a) => compose(a, b), []);
      for (const whole of [fromLeft, fromRight, composeAll(operations)]) {
        expect(start.apply(whole).toString()).toBe(end.toString());
        expect(lengthChange(whole)).toBe(end.lengthCodePoints - start.lengthCodePoints);
      }
    }),
    { numRuns: 1_000 },
  );
});

describe('operations are values:', () => {
  it('no function changes its arguments', () => {
    const freeze = (operation: TextOperation) => {
      for (const component of operation) Object.freeze(component);
      return Object.freeze(operation);
    };
    fc.assert(
      fc.property(text, steps, steps, (base, plan, other) => {
        const start = DocumentText.from(base);
        const first = freeze(operationOn(start.lengthCodePoints, plan));
        const second = freeze(operationOn(start.lengthCodePoints, other));
        const later = freeze(operationOn(start.apply(first).lengthCodePoints, other));
        freeze(compose(first, later));
        freeze(transformUncommitted(first, second));
        freeze(transformCommitted(second, first));
      }),
    );
  });

  it('a builder joins neighbours of one kind and drops no-ops', () => {
    const built = new OperationBuilder()
      .retain(1)
      .retain(0)
      .retain(1)
      .insert('a')
      .insert('')
      .insert('b')
      .delete(1)
      .delete(0)
      .delete(2)
      .retain(4);
    expect(built.build()).toEqual([2, 'ab', { d: 3 }]);
  });

  it('insertAt and removeAt throw for arguments that are not counts', () => {
    expect(insertAt(0, 'x')).toEqual(['x']);
    expect(insertAt(2, '')).toEqual([]);
    expect(removeAt(2, 1)).toEqual([2, { d: 1 }]);
    expect(removeAt(2, 0)).toEqual([]);
    for (const wrong of [-1, 0.5, NaN, Infinity]) {
      expect(() => insertAt(wrong, 'x')).toThrow(RangeError);
      expect(() => removeAt(0, wrong)).toThrow(RangeError);
    }
  });
});

it.each<[TextOperation, number]>([
  [[], 0],
  [['😀'], 1],
  [[3, 'ab'], 5],
  [[3, { d: 2 }], 3],
  [[3, 'ab', { d: 2 }], 5],
  [[3, { d: 2 }, 'ab'], 5],
  [['a', 2, { d: 2 }, 3, '😀é'], 8],
])('the last change of %j ends at %i', (operation, end) => {
  expect(endOfLastChange(operation)).toBe(end);
});

it('endOfLastChange points to text that the operation left unchanged', () => {
  fc.assert(
    fc.property(text, steps, (base, plan) => {
      const start = DocumentText.from(base);
      const operation = operationOn(start.lengthCodePoints, plan);
      const after = start.apply(operation);
      const untouched = after.sliceCodePoints(endOfLastChange(operation), after.lengthCodePoints);
      expect(base.endsWith(untouched)).toBe(true);
      const longer = [...operation, 1_000_000];
      expect(endOfLastChange(longer)).toBe(endOfLastChange(operation));
    }),
  );
});

it('insertedText joins the pieces by line ends', () => {
  expect(insertedText([])).toBe('');
  expect(insertedText([3, { d: 1 }])).toBe('');
  expect(insertedText(['a', 2, '😀', { d: 1 }, 'b'])).toBe('a\n😀\nb');
});

it('lengths of operations count code points, not UTF-16 units', () => {
  fc.assert(
    fc.property(text, fc.nat(40), (string, count) => {
      const codePoints = Array.from(string);
      expect(countCodePoints(string)).toBe(codePoints.length);
      expect(utf16OffsetOf(string, count)).toBe(codePoints.slice(0, count).join('').length);
    }),
  );
});
