import { DocumentText } from '@concord/ot';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { replaceMiddle, TextDiffs } from './text-diffs.ts';

const applied = (before: string, operation: ReturnType<typeof replaceMiddle>): string =>
  DocumentText.from(before).apply(operation).toString();

const ann = { lane: 'user ann', person: 'ann' };
const bob = { lane: 'user bob', person: 'bob' };
/** Texts that differ everywhere, and are therefore compared in a worker thread. */
const pairOf = (words: number): [before: string, after: string] => [
  Array.from({ length: words }, (_, word) => `one${word} two`).join(' '),
  Array.from({ length: words }, (_, word) => `ONE${word} two`).join(' '),
];

describe('comparing texts', () => {
  it('finds the smallest difference', async () => {
    const diffs = new TextDiffs();
    expect(await diffs.diff('same', 'same', ann)).toEqual([]);
    expect(await diffs.diff('one two three', 'one 2 three!', ann)).toEqual([
      4,
      { d: 3 },
      '2',
      6,
      '!',
    ]);
    expect(await diffs.diff('one three', 'one two three', ann)).toEqual([5, 'wo t']);
    const [before, after] = pairOf(100);
    const operation = await diffs.diff(before, after, ann);
    expect(operation.length).toBeGreaterThan(100);
    expect(applied(before, operation)).toBe(after);
  });

  it('refuses an owner with too many comparisons in the queue, and no other', async () => {
    const diffs = new TextDiffs();
    const [before, after] = pairOf(100);
    const asked = Array.from({ length: 8 }, () => diffs.diff(before, after, ann));
    const other = diffs.diff(before, after, bob);
    const settled = await Promise.allSettled(asked);
    const refused = settled.filter(({ status }) => status === 'rejected');
    // One runs, four are queued.
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({ reason: { code: 'tooManyDiffs', retryAfterSeconds: 5 } });
    expect(applied(before, await other)).toBe(after);
  });

  it('compares short texts at once while the queue of a person is full', async () => {
    const diffs = new TextDiffs();
    const [before, after] = pairOf(100);
    const asked = Array.from({ length: 5 }, () => diffs.diff(before, after, ann));
    let areAnswered = false;
    const all = Promise.all(asked).then(() => (areAnswered = true));
    expect(await diffs.diff('hello', 'hello world', ann)).toEqual([5, ' world']);
    expect(areAnswered).toBe(false);
    await all;
  });

  it('falls back to one replacement when the deadline passes, reports it, and goes on', async () => {
    let givenUp = 0;
    const diffs = new TextDiffs({ deadlineMs: 0, gaveUp: () => (givenUp += 1) });
    // With a deadline of zero no comparison finishes in time.
    let state = 1;
    const letter = (): string => {
      state = (state * 48_271) % 2_147_483_647;
      return state % 2 === 0 ? 'a' : 'b';
    };
    const letters = (): string => Array.from({ length: 100_000 }, letter).join('');
    const [before, after] = [letters(), letters()];
    expect(await diffs.diff(before, after, ann)).toEqual(replaceMiddle(before, after));
    expect(givenUp).toBe(1);
    expect(applied('one', await diffs.diff('one', 'x', ann))).toBe('x');
  });

  it('counts only the comparison towards the deadline, not the start of its thread', async () => {
    let givenUp = 0;
    const diffs = new TextDiffs({ deadlineMs: 60_000, gaveUp: () => (givenUp += 1) });
    const start = vi.spyOn(globalThis, 'setTimeout');
    const [before, after] = pairOf(100);
    const asked = diffs.diff(before, after, ann);
    expect(start).not.toHaveBeenCalled();
    expect(applied(before, await asked)).toBe(after);
    expect([start.mock.calls.some(([, ms]) => ms === 60_000), givenUp]).toEqual([true, 0]);
    start.mockRestore();
  });
});

describe('replacing the middle', () => {
  it('turns any text into any other text', () => {
    // Few characters, some of them two units long and alike in one half.
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '\n', '😀', '😁', '𝒳'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applied(before, replaceMiddle(before, after))).toBe(after);
      }),
    );
  });
});
