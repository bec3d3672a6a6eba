import { compose, DocumentText, type TextOperation } from '@concord/ot';
import { expect, it } from 'vitest';
import { rebase } from './rebase.ts';

it('moves each operation over everything committed, past its own predecessors', () => {
  const base = DocumentText.from('abc');
  const committed: TextOperation[] = [['X'], [4, 'Y']];
  const own: TextOperation[] = [[1, 'p'], [4, 'q'], [{ d: 1 }]];
  const moved = rebase(own, committed);
  const text = [...committed, ...moved].reduce((at, op) => at.apply(op), base).toString();
  // Y was committed at the end of "abc"; what was committed first stands left.
  expect(text).toBe('XpbcYq');
  expect(moved).toHaveLength(3);
  // Composed, it is what one operation alone would have become here.
  expect(compose(compose(moved[0] ?? [], moved[1] ?? []), moved[2] ?? [])).toEqual(
    rebase([compose(compose([1, 'p'], [4, 'q']), [{ d: 1 }])], committed)[0],
  );
});
