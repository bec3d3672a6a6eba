import { composeAll, DocumentText, transformUncommitted, type TextOperation } from '@concord/ot';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutBranch } from './without-branch.ts';

const typed = (position: number, text: string): TextOperation =>
  position === 0 ? [text] : [position, text];
const deleted = (position: number): TextOperation =>
  position === 0 ? [{ d: 1 }] : [position, { d: 1 }];
const played = (text: string, operations: readonly TextOperation[]): string =>
  operations.reduce((result, each) => result.apply(each), DocumentText.from(text)).toString();

describe('withoutBranch', () => {
  it('rebases an edit behind the branch to its position without the branch', () => {
    const left = withoutBranch(4, [typed(1, 'new ')], [typed(8, '!')]);
    expect(played('abcd', left)).toBe('abcd!');
  });

  it('drops the deletion of a character that only the branch had', () => {
    expect(withoutBranch(2, [typed(1, 'x')], [deleted(1)])).toEqual([]);
  });

  it('rebases an insertion inside the text of the branch to where the branch inserted it', () => {
    const left = withoutBranch(2, [typed(1, 'xy')], [typed(2, '-')]);
    expect(played('ab', left)).toBe('a-b');
  });

  it('keeps text that the branch deleted', () => {
    const left = withoutBranch(3, [deleted(1)], [typed(2, '!'), deleted(0)]);
    expect(played('abc', left)).toBe('bc!');
  });

  it('changes nothing when the branch is empty', () => {
    const edits = [typed(0, 'é'), typed(1, 'b'), deleted(0)];
    expect(withoutBranch(0, [], edits)).toEqual(edits);
  });

  it('gives edits that apply to the base, and merge with the branch to the recorded text', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 60 }), fc.nat(60), (choices, cut) => {
        const base = 'a'.repeat(1_200);
        let length = base.length;
        const edits = choices.map((choice, index): TextOperation => {
          const isDeletion = choice % 3 === 0;
          const position = choice % (isDeletion ? length : length + 1);
          length += isDeletion ? -1 : 1;
          return isDeletion
            ? deleted(position)
            : typed(position, String.fromCharCode(0x100 + index));
        });
        const branch = edits.slice(0, cut);
        const left = withoutBranch(base.length, branch, edits.slice(cut));
        const alone = composeAll(left);
        const merged = DocumentText.from(base)
          .apply(composeAll(branch))
          .apply(transformUncommitted(alone, composeAll(branch)))
          .toString();
        // The order of insertions at one place is not recorded; the characters are the recording's.
        expect([...merged].sort()).toEqual([...played(base, edits)].sort());
      }),
    );
  });
});
