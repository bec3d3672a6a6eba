/**
 * Replaces lone surrogates, which operations cannot carry, by U+FFFD. It does so within the transaction that inserts or
 * leaves one, so that undo reverts the replacement, too. (A replacement in a later transaction outside of the history
 * would stay after undo.)
 */
import {
  EditorState,
  type ChangeSpec,
  type Extension,
  type Text,
  type Transaction,
} from '@codemirror/state';

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export const wellFormedInput: Extension = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || !mayLeaveHalves(transaction)) return transaction;
  const changes = replacements(transaction);
  return changes.length === 0 ? transaction : [transaction, { changes, sequential: true }];
});

/** Whether a change may leave a lone surrogate; inspects two characters at each of its ends. */
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

/** Replacements of lone surrogates in and next to the changed ranges. Positions after the transaction. */
function replacements({ changes, newDoc }: Transaction): ChangeSpec[] {
  const found: ChangeSpec[] = [];
  let until = 0;
  changes.iterChangedRanges((_fromA, _toA, fromB, toB) => {
    // Two units of context, so that a complete pair is recognized.
    const start = Math.max(0, fromB - 2);
    for (const { index } of newDoc.sliceString(start, toB + 2).matchAll(LONE_SURROGATE)) {
      const from = start + index;
      if (from < Math.max(until, fromB - 1) || from > toB) continue;
      found.push({ from, to: from + 1, insert: '\ufffd' });
      until = from + 1;
    }
  }, true);
  return found;
}
