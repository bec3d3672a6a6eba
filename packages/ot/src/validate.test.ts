/// <reference types="node" />
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffTexts } from './diff.ts';
import { DocumentText } from './document-text.ts';
import { compose, transformCommitted, transformUncommitted } from './operation.ts';
import { splitOperation } from './split.ts';
import { generousLimits as limits, operationOn, stepsOf, textOf } from './test-texts.ts';
import { isWithin, operationBytes, validateOperation, type OperationFault } from './validate.ts';

const ten = 10;

describe('the operation validator refuses', () => {
  it.each<[string, unknown, OperationFault]>([
    ['nothing', undefined, 'malformedOperation'],
    ['null', null, 'malformedOperation'],
    ['a string', 'x', 'malformedOperation'],
    ['an object', { 0: 'x', length: 1 }, 'malformedOperation'],
    ['a far insertion', [1e9, 'x'], 'operationOutOfRange'],
    ['a large delete', [{ d: 1e9 }], 'operationOutOfRange'],
    ['a delete past the end', [8, { d: 3 }], 'operationOutOfRange'],
    ['counts that overflow in sum', [{ d: 10 }, 2 ** 53 - 1, 'x'], 'operationOutOfRange'],
    ['an infinite count', JSON.parse('[1e999,"x"]'), 'malformedOperation'],
    ['an infinite delete', JSON.parse('[{"d":1e999}]'), 'malformedOperation'],
    ['NaN', [NaN, 'x'], 'malformedOperation'],
    ['a count beyond exact numbers', [2 ** 53, 'x'], 'malformedOperation'],
    ['a fraction', [0.5, 'x'], 'malformedOperation'],
    ['a deleted fraction', [{ d: 1.5 }], 'malformedOperation'],
    ['zero', [0, 'x'], 'malformedOperation'],
    ['minus zero', JSON.parse('[-0,"x"]'), 'malformedOperation'],
    ['a delete of nothing', [{ d: 0 }], 'malformedOperation'],
    ['a negative count', [-1, 'x'], 'malformedOperation'],
    ['a negative delete', [{ d: -1 }], 'malformedOperation'],
    ['a delete by text', [{ d: 'x' }], 'malformedOperation'],
    ['a delete by null', [{ d: null }], 'malformedOperation'],
    ['true', [true], 'malformedOperation'],
    ['false', [1, false], 'malformedOperation'],
    ['null inside', [null], 'malformedOperation'],
    ['a hole', new Array(2), 'malformedOperation'],
    ['an array inside', [['x']], 'malformedOperation'],
    ['an object without keys', [{}], 'malformedOperation'],
    ['an extra key', [{ d: 1, e: 2 }], 'malformedOperation'],
    ['another key', [{ i: 1 }], 'malformedOperation'],
    ['__proto__ alone', JSON.parse('[{"__proto__":{"d":1}}]'), 'malformedOperation'],
    ['__proto__ beside', JSON.parse('[{"d":1,"__proto__":{"d":1}}]'), 'malformedOperation'],
    ['an inherited count', [Object.create({ d: 1 })], 'malformedOperation'],
    ['an empty insertion', [''], 'malformedOperation'],
    ['half a pair', ['\ud83d'], 'malformedOperation'],
    ['the other half', ['a\ude00'], 'malformedOperation'],
    ['halves in wrong order', ['\ude00\ud83d'], 'malformedOperation'],
    ['a trailing count', ['x', 1], 'malformedOperation'],
    ['a count alone', [1], 'malformedOperation'],
    ['two counts in a row', [1, 1, 'x'], 'malformedOperation'],
    ['two insertions in a row', ['x', 'y'], 'malformedOperation'],
    ['two deletes in a row', [{ d: 1 }, { d: 1 }], 'malformedOperation'],
    ['too much text', ['x'.repeat(limits.bytes)], 'operationTooLarge'],
    ['a text of 200 MB', ['x'.repeat(200_000_000)], 'operationTooLarge'],
    ['100,000 components', new Array(100_000).fill('x'), 'tooManyComponents'],
  ])('%s', (_name, candidate, fault) => {
    const result = validateOperation(candidate, ten, limits);
    expect(result).toMatchObject({ ok: false, fault });
  });

  it('a document that grows beyond its limit, but lets one above the limit shrink', () => {
    const small = { ...limits, documentCodePoints: 10 };
    expect(validateOperation(['😀'], 9, small).ok).toBe(true);
    expect(validateOperation(['😀'], 10, small)).toMatchObject({ fault: 'documentTooLarge' });
    expect(validateOperation(['x', { d: 2 }], 20, small)).toMatchObject({ ok: true });
  });
});

it.each<[unknown, number]>([
  [[], 0],
  [['😀'], 1],
  [[{ d: 10 }], -10],
  [[10, 'x'], 1],
  [['x', { d: 1 }, 'yz', 9, 'é'], 3],
])('accepts %j', (operation, lengthChange) => {
  expect(validateOperation(operation, ten, limits)).toEqual({ ok: true, operation, lengthChange });
});

it('validation of any JSON returns a result, and accepted operations can be applied', () => {
  const component = fc.oneof(
    fc.integer({ min: -2, max: 12 }),
    fc.record({ d: fc.integer({ min: -1, max: 12 }) }),
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.jsonValue(),
  );
  const text = DocumentText.from('0123456789');
  fc.assert(
    fc.property(fc.oneof(fc.array(component, { maxLength: 4 }), fc.jsonValue()), (candidate) => {
      const result = validateOperation(candidate, ten, limits);
      if (!result.ok) return;
      const after = text.apply(result.operation);
      expect(after.lengthCodePoints).toBe(ten + result.lengthChange);
      expect(after.toString().isWellFormed()).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

it('all operations built by this package are canonical and within the text', () => {
  const accepted = (operation: unknown, length: number) => {
    const result = validateOperation(operation, length, limits);
    if (!result.ok) throw new Error(`${result.detail}: ${JSON.stringify(operation)}`);
  };
  fc.assert(
    fc.property(textOf(10), stepsOf(4), stepsOf(4), stepsOf(4), (string, a, b, c) => {
      const start = DocumentText.from(string);
      const length = start.lengthCodePoints;
      const first = operationOn(length, a);
      const other = operationOn(length, b);
      const middle = start.apply(first);
      const second = operationOn(middle.lengthCodePoints, c);
      accepted(first, length);
      accepted(compose(first, second), length);
      accepted(transformUncommitted(other, first), middle.lengthCodePoints);
      accepted(transformCommitted(first, other), start.apply(other).lengthCodePoints);
    }),
    { numRuns: 25_000 },
  );
  fc.assert(
    fc.property(textOf(10), textOf(10), (before, after) => {
      const operation = diffTexts(before, after);
      const length = DocumentText.from(before).lengthCodePoints;
      accepted(operation, length);
      const [first, rest] = splitOperation(operation, { components: 2, bytes: 64 });
      accepted(first, length);
      accepted(rest, DocumentText.from(before).apply(first).lengthCodePoints);
    }),
    { numRuns: 5_000 },
  );
});

it('operationBytes counts bytes of JSON in UTF-8, at most one too many', () => {
  fc.assert(
    fc.property(fc.nat(1e9), stepsOf(1e9), (length, plan) => {
      const operation = operationOn(length, plan);
      const exact = Buffer.byteLength(JSON.stringify(operation));
      const counted = operationBytes(operation);
      expect(counted - exact).toBe(operation.length === 0 ? 0 : 1);
      expect(isWithin(operation, counted)).toBe(true);
      expect(isWithin(operation, counted - 1)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
  for (let unit = 0; unit < 0x10000; unit++) {
    if (unit >= 0xd800 && unit < 0xe000) continue;
    const operation = [String.fromCharCode(unit)];
    expect(operationBytes(operation)).toBe(Buffer.byteLength(JSON.stringify(operation)) + 1);
  }
});
