/**
 * Positions of other people's carets in the editor, in UTF-16 units. Pure state: carets are set by an effect, mapped
 * through every change, and drawn by remote-caret-layer.ts.
 */
import type { Person } from '@concord/protocol';
import type { VisibleCaret } from '@concord/client';
import type { DocumentText } from '@concord/ot';
import {
  Annotation,
  StateEffect,
  StateField,
  type ChangeDesc,
  type Transaction,
} from '@codemirror/state';

/** User id of the author of a remote transaction. */
export const authorOfChange = Annotation.define<string>();

export interface RemoteCaret {
  readonly person: Person;
  readonly anchor: number;
  readonly head: number;
  /** Number of moves by the person; being mapped through changes of others does not count. */
  readonly moves: number;
}

/** A caret as received, without the count of moves. */
export type PlacedCaret = Omit<RemoteCaret, 'moves'>;

/** Replaces all carets. */
export const placeCarets = StateEffect.define<readonly PlacedCaret[]>();

/** Converts the client's carets from code points to the editor's UTF-16 units. */
export function caretsInEditor(
  carets: readonly VisibleCaret[],
  text: DocumentText,
): readonly PlacedCaret[] {
  return carets.map(({ person, anchor, head }) => ({
    person,
    anchor: text.utf16FromCodePoint(anchor),
    head: text.utf16FromCodePoint(head),
  }));
}

export const remoteCarets = StateField.define<readonly RemoteCaret[]>({
  create: () => [],
  update(carets, transaction) {
    let next = transaction.docChanged ? moveAlong(carets, transaction) : carets;
    for (const effect of transaction.effects) {
      if (effect.is(placeCarets)) next = place(effect.value, next, transaction.newDoc.length);
    }
    return next;
  },
});

function place(
  placed: readonly PlacedCaret[],
  former: readonly RemoteCaret[],
  length: number,
): readonly RemoteCaret[] {
  return placed.map(({ person, anchor, head }) => {
    const old = former.find((caret) => caret.person.session === person.session);
    const caret = { person, anchor: Math.min(anchor, length), head: Math.min(head, length) };
    const hasMoved = old?.anchor !== caret.anchor || old.head !== caret.head;
    return { ...caret, moves: (old?.moves ?? 0) + (hasMoved ? 1 : 0) };
  });
}

/**
 * Maps a caret through changes. Text inserted exactly at a caret goes after it, unless its person is the author: then
 * the caret moves behind the text at once, without waiting for the presence message.
 */
function moveAlong(
  carets: readonly RemoteCaret[],
  transaction: Transaction,
): readonly RemoteCaret[] {
  const author = transaction.annotation(authorOfChange);
  const authorsCarets = carets.filter((caret) => caret.person.userId === author);
  return carets.map((caret) => {
    if (authorsCarets.includes(caret)) {
      const end = endOfOwnChange(caret.head, transaction.changes, authorsCarets.length === 1);
      if (end !== null) return { ...caret, anchor: end, head: end, moves: caret.moves + 1 };
    }
    return {
      ...caret,
      anchor: transaction.changes.mapPos(caret.anchor),
      head: transaction.changes.mapPos(caret.head),
    };
  });
}

/**
 * Position of the author's caret after the changes. A person with several tabs has several carets: then only one that
 * the change touches can be the author's.
 */
function endOfOwnChange(head: number, changes: ChangeDesc, isOnlyCaret: boolean): number | null {
  let end: number | null = null;
  changes.iterChangedRanges((fromA, toA, _fromB, toB) => {
    if (isOnlyCaret || (fromA <= head && head <= toA)) end = toB;
  });
  return end;
}
