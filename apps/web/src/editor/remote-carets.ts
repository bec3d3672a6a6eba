/**
 * Where other people's carets stand in the editor, in UTF-16 units. Pure state: carets arrive by an
 * effect, move with every change, and are drawn by remote-caret-layer.ts.
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

/** User id of whoever made the changes of a transaction. */
export const authorOfChange = Annotation.define<string>();

export interface RemoteCaret {
  readonly person: Person;
  readonly anchor: number;
  readonly head: number;
  /** Counts the person's own moves, not those by which others push the caret along. */
  readonly moves: number;
}

/** A caret as it arrives: not counted yet. */
export type PlacedCaret = Omit<RemoteCaret, 'moves'>;

/** Replaces all carets. */
export const placeCarets = StateEffect.define<readonly PlacedCaret[]>();

/** Carets of the client, which count code points, as the editor counts. */
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
 * Text inserted exactly at somebody's caret goes behind it, unless that person wrote it: then the caret
 * goes behind the text at once, and does not wait for the message that says so.
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
 * Where the author's caret is after the changes. A person with several tabs has several carets: then only
 * one that the change touches can be the one that made it.
 */
function endOfOwnChange(head: number, changes: ChangeDesc, isOnlyCaret: boolean): number | null {
  let end: number | null = null;
  changes.iterChangedRanges((fromA, toA, _fromB, toB) => {
    if (isOnlyCaret || (fromA <= head && head <= toA)) end = toB;
  });
  return end;
}
