/**
 * Detects that another person edits the paragraph that is being written. Pure: takes the time and the authors' user ids
 * from the transactions' annotations.
 */
import { StateField, Transaction, type ChangeDesc, type Line } from '@codemirror/state';
import { authorOfChange } from './remote-carets.ts';

/** A paragraph counts as being written for this long after an own edit. */
const WRITING_MS = 5_000;
/** Rate limit of reports per person and paragraph. */
const REPORT_INTERVAL_MS = 30_000;

/** Another person changed the paragraph at `position` (UTF-16 units); a new object for each report. */
export interface ConcurrentEdit {
  /** User id. */
  readonly author: string;
  readonly position: number;
  readonly atMs: number;
}

interface ConcurrentEdits {
  /** The last own edit. */
  readonly own: { readonly position: number; readonly atMs: number } | null;
  /** Recent reports; the last one is to be shown. */
  readonly reported: readonly ConcurrentEdit[];
  readonly latest: ConcurrentEdit | null;
}

export const concurrentEdits = StateField.define<ConcurrentEdits>({
  create: () => ({ own: null, reported: [], latest: null }),
  update(value, transaction) {
    if (!transaction.docChanged) return value;
    const atMs = transaction.annotation(Transaction.time) ?? 0;
    const { changes, newDoc, newSelection } = transaction;
    const caret = newSelection.main.head;
    if (transaction.annotation(Transaction.remote) !== true) {
      return { ...moved(value, changes, atMs), own: { position: caret, atMs } };
    }
    const next = moved(value, changes, atMs);
    const author = transaction.annotation(authorOfChange);
    const paragraph = newDoc.lineAt(caret);
    const isWriting = next.own !== null && isIn(paragraph, next.own.position);
    if (author === undefined || !isWriting || !touches(changes, paragraph)) return next;
    if (
      next.reported.some(
        (reported) => reported.author === author && isIn(paragraph, reported.position),
      )
    ) {
      return next;
    }
    const latest = { author, position: caret, atMs };
    return { own: next.own, reported: [...next.reported, latest], latest };
  },
});

/** Maps positions through the changes, and drops expired entries. */
function moved(value: ConcurrentEdits, changes: ChangeDesc, atMs: number): ConcurrentEdits {
  const { own, reported, latest } = value;
  return {
    own:
      own === null || atMs - own.atMs > WRITING_MS
        ? null
        : { ...own, position: changes.mapPos(own.position) },
    reported: reported
      .filter((edit) => atMs - edit.atMs <= REPORT_INTERVAL_MS)
      .map((edit) => ({ ...edit, position: changes.mapPos(edit.position) })),
    latest,
  };
}

const isIn = (line: Line, position: number): boolean =>
  line.from <= position && position <= line.to;

/** Whether changes touch a line of the resulting text; whole lines inserted before or after it do not. */
function touches(changes: ChangeDesc, { from, to }: Line): boolean {
  let isTouched = false;
  changes.iterChangedRanges((_fromA, _toA, fromB, toB) => {
    isTouched ||= fromB === toB ? from <= fromB && toB <= to : fromB < to && toB > from;
  });
  return isTouched;
}
