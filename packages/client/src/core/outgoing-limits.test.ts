import { defaultLimits } from '@concord/protocol';
import type { TextOperation } from '@concord/ot';
import { expect, it } from 'vitest';
import { cuttingLimits, fitsLimits, type Submission } from './outgoing-limits.ts';

const encodedBytes = (submission: Submission): number =>
  new TextEncoder().encode(`42${JSON.stringify(['submit', submission])}`).length;

it.each([
  ['Latin text', [3, 'plain']],
  ['text of three and four bytes a character', ['日本 😀', { d: 4 }]],
  ['text that JSON escapes', ['a"b\\c\n\u0001']],
  ['many components', Array.from({ length: 41 }, (_, i) => (i % 2 === 0 ? { d: 1 } : 1))],
] satisfies [string, TextOperation][])(
  'a message of exactly messageBytes fits, and one byte less does not: %s',
  (_name, op) => {
    const submission = { seq: 12, baseVersion: 345, op };
    const bytes = encodedBytes(submission);
    // The size of an operation is reckoned at most one byte too high.
    expect(fitsLimits(submission, { ...defaultLimits, messageBytes: bytes + 1 })).toBe(true);
    expect(fitsLimits(submission, { ...defaultLimits, messageBytes: bytes - 1 })).toBe(false);
  },
);

it('an operation with too many components or bytes does not fit, however large messages may be', () => {
  const submission = { seq: 1, baseVersion: 1, op: ['x', 1, 'y'] };
  expect(fitsLimits(submission, { ...defaultLimits, operationComponents: 2 })).toBe(false);
  expect(fitsLimits(submission, { ...defaultLimits, operationBytes: 8 })).toBe(false);
});

it('what is cut to the limits fits into a message, whatever the numbers beside it', () => {
  const limits = { ...defaultLimits, messageBytes: 400, operationBytes: 4_000 };
  const { bytes } = cuttingLimits(limits);
  const op = ['x'.repeat(bytes - '[""]'.length - 1)];
  const largest = Number.MAX_SAFE_INTEGER;
  expect(fitsLimits({ seq: largest, baseVersion: largest, op }, limits)).toBe(true);
});
