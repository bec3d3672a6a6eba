import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentText } from './document-text.ts';
import { cutTitle, mergeTitles, titleChange } from './merge-titles.ts';
import { movePosition } from './anchor.ts';
import { operationOn, stepsOf, textOf } from './test-texts.ts';
import { countCodePoints, type TextOperation } from './operation.ts';

const LENGTH_MAX = 200;
const merge = (base: string, mine: string, theirs: string): string =>
  mergeTitles(base, mine, theirs, LENGTH_MAX);

it.each([
  ['My report', 'My long report', 'Our report', 'Our long report'],
  ['', 'Plan', '', 'Plan'],
  ['', '', 'Plan', 'Plan'],
  ['', 'mine', 'theirs', 'theirsmine'],
  ['Plan', 'Plan of mine', 'Plan of theirs', 'Plan of theirs of mine'],
  ['Plan', 'Balance', 'Notes', 'NotesBalance'],
  ['My plan', 'My balance', 'My notes', 'My notesbalance'],
  ['My report', 'My reports', 'Your report', 'Your reports'],
  ['Teh plan', 'The plan', 'Teh plan!', 'The plan!'],
  ['会議', '会議録', '今日の会議', '今日の会議録'],
  ['会議', '会談', '会議!', '会談!'],
  ['same', 'other', 'other', 'other'],
  ['😀', '😀 mine', '😁', '😁 mine'],
])('of %j, mine %j and theirs %j are merged to %j', (base, mine, theirs, merged) => {
  expect(merge(base, mine, theirs)).toBe(merged);
});

describe('of any titles', () => {
  const title = textOf(12);

  it('a side without changes leaves the title of the other side as it is', () => {
    fc.assert(
      fc.property(title, title, (base, changed) => {
        expect(merge(base, changed, base)).toBe(changed);
        expect(merge(base, base, changed)).toBe(changed);
        expect(merge(base, changed, changed)).toBe(changed);
      }),
    );
  });

  it('insertions of either side are in the merged title exactly once', () => {
    // Letters that do not occur in other titles of the tests.
    const marked = (plan: TextOperation, first: number): [TextOperation, string[]] => {
      const tokens: string[] = [];
      const operation = plan.map((component) => {
        if (typeof component !== 'string') return component;
        tokens.push(String.fromCodePoint(first + tokens.length));
        return tokens.at(-1) ?? '';
      });
      return [operation, tokens];
    };
    fc.assert(
      fc.property(title, stepsOf(8), stepsOf(8), (base, minePlan, theirsPlan) => {
        const length = countCodePoints(base);
        const [mine, ownTokens] = marked(operationOn(length, minePlan), 0x0531);
        const [theirs, otherTokens] = marked(operationOn(length, theirsPlan), 0x10a0);
        const text = DocumentText.from(base);
        const merged = merge(base, text.apply(mine).toString(), text.apply(theirs).toString());
        for (const token of [...ownTokens, ...otherTokens]) {
          expect(merged.split(token)).toHaveLength(2);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('a change leads from one title to the other, well-formed', () => {
    fc.assert(
      fc.property(title, title, (before, after) => {
        const operation = titleChange(before, after);
        expect(DocumentText.from(before).apply(operation).toString()).toBe(after);
        expect(movePosition(countCodePoints(before), operation, 'after')).toBe(
          countCodePoints(after),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('the merged title is well-formed and no longer than allowed', () => {
    const any = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(any, any, any, fc.integer({ min: 1, max: 20 }), (base, mine, theirs, most) => {
        const merged = mergeTitles(base, mine, theirs, most);
        expect(merged.isWellFormed()).toBe(true);
        expect(merged.length).toBeLessThanOrEqual(most);
      }),
    );
  });
});

it.each([
  ['abc', 2, 'ab'],
  ['abc', 3, 'abc'],
  ['a😀', 2, 'a'],
  ['ae\u0301', 2, 'a'],
  ['a👩‍👩‍👧', 5, 'a'],
  ['e\u0301\u0301\u0301', 2, 'e\u0301'],
])('%j is cut to %i units between whole characters', (text, most, cut) => {
  expect(cutTitle(text, most)).toBe(cut);
});
