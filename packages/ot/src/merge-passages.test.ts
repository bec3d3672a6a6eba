import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentText } from './document-text.ts';
import { mergedText, mergePassages, type MergePassage } from './merge-passages.ts';
import { diffTexts } from './diff.ts';
import { operationOn, stepsOf, textOf } from './test-texts.ts';
import type { TextOperation } from './operation.ts';

function passagesOf(base: string, mine: TextOperation, theirs: TextOperation): MergePassage[] {
  return mergePassages({ base: DocumentText.from(base), mine, theirs });
}

/** The passages of two edited versions of a text, in a short form. */
function compared(base: string, mine: string, theirs: string): unknown[] {
  return passagesOf(base, diffTexts(base, mine), diffTexts(base, theirs)).map(
    ({ kind, baseText, mineText, theirsText, mergedText: merged }) =>
      kind === 'both'
        ? [kind, baseText, mineText, theirsText, merged]
        : [kind, baseText, kind === 'mine' ? mineText : theirsText],
  );
}

/** The base with each passage replaced by one of its versions. */
function assembled(
  base: string,
  passages: readonly MergePassage[],
  version: (passage: MergePassage) => string,
): string {
  const characters = Array.from(base);
  let [text, read] = ['', 0];
  for (const passage of passages) {
    text += characters.slice(read, passage.baseFrom).join('') + version(passage);
    read = passage.baseTo;
  }
  return text + characters.slice(read).join('');
}

/** Texts of short lines, so that edits overlap in all ways. */
const lined = fc
  .array(fc.oneof(textOf(3), fc.constantFrom('', 'a', 'ab', '😀b')), { maxLength: 8 })
  .map((lines) => lines.join('\n'));
const steps = stepsOf(6);
/** Insertions and removals of whole lines, as people type and cut them. */
const lineSteps = fc.array(
  fc.record({
    keep: fc.nat(5),
    remove: fc.nat(4),
    insert: fc.constantFrom('', '\n', 'x\n', '\nx', 'x', '\n\n', 'x\ny\n', '\nx\ny'),
    deletesFirst: fc.boolean(),
  }),
  { maxLength: 5 },
);

describe.each([
  ['any operations', steps],
  ['operations at line breaks', lineSteps],
])('for %s:', (_, plans) => {
  const merges = fc.tuple(lined, plans, plans).map(([text, plan, other]) => {
    const base = DocumentText.from(text);
    const mine = operationOn(base.lengthCodePoints, plan);
    const theirs = operationOn(base.lengthCodePoints, other);
    return { base, mine, theirs };
  });

  it('each version of the text is the base with the passages in that version', () => {
    fc.assert(
      fc.property(merges, ({ base, mine, theirs }) => {
        const passages = mergePassages({ base, mine, theirs });
        const text = base.toString();
        const merged = mergedText({ base, mine, theirs });
        expect(assembled(text, passages, (passage) => passage.baseText)).toBe(text);
        expect(assembled(text, passages, (passage) => passage.mineText)).toBe(
          base.apply(mine).toString(),
        );
        expect(assembled(text, passages, (passage) => passage.theirsText)).toBe(
          base.apply(theirs).toString(),
        );
        expect(assembled(text, passages, (passage) => passage.mergedText)).toBe(merged.toString());
        for (const { mergedFrom, mergedTo, mergedText: shown } of passages) {
          expect(merged.sliceCodePoints(mergedFrom, mergedTo)).toBe(shown);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('passages are whole lines in order, and show the base for a side that did not touch them', () => {
    fc.assert(
      fc.property(merges, ({ base, mine, theirs }) => {
        const text = Array.from(base.toString());
        const isLineStart = (at: number): boolean => at === 0 || text[at - 1] === '\n';
        let end = 0;
        for (const passage of mergePassages({ base, mine, theirs })) {
          const { baseFrom, baseTo, kind, baseText, mineText, theirsText } = passage;
          expect(baseFrom).toBeGreaterThanOrEqual(end);
          expect(baseTo).toBeGreaterThanOrEqual(baseFrom);
          expect(isLineStart(baseFrom) || baseFrom === text.length).toBe(true);
          expect(isLineStart(baseTo) || baseTo === text.length).toBe(true);
          if (kind === 'mine') expect(theirsText).toBe(baseText);
          if (kind === 'theirs') expect(mineText).toBe(baseText);
          end = baseTo;
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('a passage that one side touched is merged as that side has it', () => {
    fc.assert(
      fc.property(merges, ({ base, mine, theirs }) => {
        for (const passage of mergePassages({ base, mine, theirs })) {
          if (passage.kind === 'mine') expect(passage.mergedText).toBe(passage.mineText);
          if (passage.kind === 'theirs') expect(passage.mergedText).toBe(passage.theirsText);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('only overlapping changes make a passage of both sides:', () => {
  it('the same line changed by both', () => {
    expect(compared('one\ntwo\nthree\n', 'one\ntwo and\nthree\n', 'one\nthe two\nthree\n')).toEqual(
      [['both', 'two\n', 'two and\n', 'the two\n', 'the two and\n']],
    );
  });

  it('neighbouring lines changed by one each', () => {
    expect(compared('one\ntwo\n', 'ONE\ntwo\n', 'one\nTWO\n')).toEqual([
      ['mine', 'one\n', 'ONE\n'],
      ['theirs', 'two\n', 'TWO\n'],
    ]);
  });

  it('a paragraph typed behind a line that the other changed', () => {
    // Typed at the end of the line, with Enter first; and at the beginning of the next, with Enter last.
    const theirs: TextOperation = ['The '];
    for (const mine of [
      [3, '\nnew'],
      [4, 'new\n'],
    ] satisfies TextOperation[]) {
      expect(
        passagesOf('one\ntwo', mine, theirs).map(({ kind, baseText, mergedText: merged }) => [
          kind,
          baseText,
          merged,
        ]),
      ).toEqual([
        ['theirs', 'one\n', 'The one\n'],
        ['mine', '', 'new\n'],
      ]);
    }
  });

  it('a paragraph removed next to one that the other changed', () => {
    expect(compared('one\ntwo\nlast', 'one\nlast', 'one!\ntwo\nlast?')).toEqual([
      ['theirs', 'one\n', 'one!\n'],
      ['mine', 'two\n', ''],
      ['theirs', 'last', 'last?'],
    ]);
  });

  it('a paragraph removed by one and changed by the other', () => {
    expect(compared('one\ntwo\nlast', 'one\nlast', 'one\ntwo!\nlast')).toEqual([
      ['both', 'two\n', '', 'two!\n', '!'],
    ]);
  });

  it('paragraphs typed by both at one place', () => {
    expect(passagesOf('one\ntwo', [3, '\nmine'], [3, '\ntheirs'])).toMatchObject([
      {
        kind: 'both',
        baseText: '',
        mineText: 'mine\n',
        theirsText: 'theirs\n',
        mergedText: 'theirs\nmine\n',
      },
    ]);
  });

  it('lines joined by one and changed by the other', () => {
    expect(compared('one\ntwo\n', 'one two\n', 'one\ntwo!\n')).toEqual([
      ['both', 'one\ntwo\n', 'one two\n', 'one\ntwo!\n', 'one two!\n'],
    ]);
  });

  it('neighbouring lines of one side are one passage', () => {
    expect(compared('one\ntwo\nthree\n', 'ONE\nTWO\nthree\n', 'one\ntwo\nTHREE\n')).toEqual([
      ['mine', 'one\ntwo\n', 'ONE\nTWO\n'],
      ['theirs', 'three\n', 'THREE\n'],
    ]);
  });
});

it('the line break between two removals that overlap', () => {
  // Found by the property above: the break behind both looked like the one between them.
  expect(passagesOf('one\na\na\n\n', [5, { d: 2 }], [6, { d: 2 }])).toMatchObject([
    { kind: 'both', mineText: 'a\n', theirsText: 'a\n', mergedText: 'a' },
  ]);
});

it('a merge of nothing has no passages', () => {
  expect(passagesOf('one\n', [], [])).toEqual([]);
});
