/**
 * Half a surrogate pair cannot be in a text: operations write U+FFFD for it. It is replaced within the transaction
 * that brings it, or leaves it behind, so that undoing takes the replacement back too. (Replaced afterwards, as a
 * change from elsewhere, it would stay when the edit is undone.)
 */
import {
  EditorState,
  type ChangeSpec,
  type Extension,
  type Text,
  type Transaction,
} from '@codemirror/state';

const LONE_HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export const wellFormedInput: Extension = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || !mayLeaveHalves(transaction)) return transaction;
  const changes = replacements(transaction);
  return changes.length === 0 ? transaction : [transaction, { changes, sequential: true }];
});

/** Whether a change brings half a pair, or begins or ends between halves: looks at two characters per end. */
export function mayLeaveHalves({ startState, changes }: Transaction): boolean {
  let may = false;
  changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    may ||= isInPair(startState.doc, fromA) || isInPair(startState.doc, toA);
    may ||= !inserted.toString().isWellFormed();
  }, true);
  return may;
}

function isInPair(text: Text, position: number): boolean {
  return (
    position > 0 &&
    /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.sliceString(position - 1, position + 1))
  );
}

/** For lone halves in what was inserted, and beside what was changed. Positions after the transaction. */
function replacements({ changes, newDoc }: Transaction): ChangeSpec[] {
  const found: ChangeSpec[] = [];
  let until = 0;
  changes.iterChangedRanges((_fromA, _toA, fromB, toB) => {
    // One unit more than can have been cut, so that a whole pair is seen as one.
    const start = Math.max(0, fromB - 2);
    for (const { index } of newDoc.sliceString(start, toB + 2).matchAll(LONE_HALF)) {
      const from = start + index;
      if (from < Math.max(until, fromB - 1) || from > toB) continue;
      found.push({ from, to: from + 1, insert: '\ufffd' });
      until = from + 1;
    }
  }, true);
  return found;
}
