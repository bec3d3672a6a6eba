import { DocumentText } from '@concord/ot';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replaceMiddle, TextDiffs } from './text-diffs.ts';

const applied = (before: string, operation: ReturnType<typeof replaceMiddle>): string =>
  DocumentText.from(before).apply(operation).toString();

describe('comparing texts', () => {
  it('finds the smallest difference', async () => {
    const diffs = new TextDiffs();
    expect(await diffs.diff('same', 'same')).toEqual([]);
    expect(await diffs.diff('one two three', 'one 2 three!')).toEqual([4, { d: 3 }, '2', 6, '!']);
  });

  it('answers each of many who ask at once', async () => {
    const diffs = new TextDiffs();
    const pairs = Array.from({ length: 10 }, (_, number) => ['a', `a${number}`] as const);
    const found = await Promise.all(pairs.map(([before, after]) => diffs.diff(before, after)));
    expect(found).toEqual(pairs.map((_, number) => [1, String(number)]));
  });

  it('refuses when too many wait already', async () => {
    const diffs = new TextDiffs();
    const asked = Array.from({ length: 21 }, () => diffs.diff('a', 'b'));
    const settled = await Promise.allSettled(asked);
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(settled.at(-1)).toMatchObject({ reason: { code: 'busy', status: 503 } });
  });

  it('replaces as one piece what would take too long, and goes on', async () => {
    const diffs = new TextDiffs({ deadlineMs: 0 });
    const [before, after] = ['a one b two c', 'a ONE b TWO c'];
    const operation = await diffs.diff(before, after);
    expect(operation).toEqual(replaceMiddle(before, after));
    expect(applied(before, await diffs.diff(before, 'x'))).toBe('x');
  });
});

describe('one piece', () => {
  it('turns any text into any other', () => {
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
