/**
 * A merge under review, in the editor's state: the current range of each passage that both sides changed, and the
 * choice made for it. Pure; positions are UTF-16 units of the editor's text.
 *
 *   trackMerge ──▶ tracked ──placePassages──▶ reviewed: undecided ──keep…──▶ decided
 *                                                 ▲  │                        │
 *                                                 │  └──any edit of it──▶ changed
 *                                                 └────────────undo───────────┘
 *
 * Invariant: the state of a passage is derived from its current text, never stored. A passage that was edited after the
 * merge is not replaced any more (I5).
 */
import type { Merge } from '@concord/client';
import {
  diffTexts,
  mergedText,
  mergePassages,
  type DocumentText,
  type MergePassage,
} from '@concord/ot';
import { invertedEffects } from '@codemirror/commands';
import {
  ChangeSet,
  StateEffect,
  StateField,
  type Transaction,
  type ChangeDesc,
  type EditorState,
  type Extension,
  type Text,
  type TransactionSpec,
} from '@codemirror/state';

/** `asItIs`: the current text, including edits made after the merge. */
export type Choice = 'both' | 'mine' | 'theirs' | 'asItIs';

export interface TrackedPassage {
  readonly passage: MergePassage;
  readonly from: number;
  readonly to: number;
  readonly choice: Choice | null;
}

export interface TrackedMerge {
  readonly merge: Merge;
  /** The editor's text when tracking began, and its changes until the passages were placed. */
  readonly start: Text;
  readonly since: ChangeDesc;
  /** Null until the review is opened: finding the passages of a long merge is expensive. */
  readonly review: Review | null;
}

export interface Review {
  /** Changed by both sides, in the order of the text. */
  readonly overlapping: readonly TrackedPassage[];
  /** Changed by one side, or identically by both. */
  readonly others: readonly MergePassage[];
}

/** Starts tracking a merge, or ends the review. */
export const trackMerge = StateEffect.define<Merge | null>();
/** Adds the passages of the tracked merge; see {@link placePassages}. */
const reviewPlaced = StateEffect.define<Review>();
/** Marks a change as the choice for a passage of `merge`. Undo may restore one of an older merge, which is ignored. */
export const chosen = StateEffect.define<{
  readonly merge: Merge;
  readonly index: number;
  readonly choice: Choice | null;
}>();

export const trackedMerge = StateField.define<TrackedMerge | null>({
  create: () => null,
  update(tracked, transaction) {
    let next = tracked === null ? null : follow(tracked, transaction);
    for (const effect of transaction.effects) {
      if (effect.is(trackMerge)) next = begin(effect.value, transaction.newDoc);
      else if (next !== null && effect.is(reviewPlaced)) next = { ...next, review: effect.value };
    }
    return next;
  },
});

/** Extension for the editor. Undo reverts a choice together with its change of the text. */
export const mergeReview: Extension = [
  trackedMerge,
  invertedEffects.of((transaction) => {
    const tracked = transaction.startState.field(trackedMerge);
    const choice = tracked === null ? null : choiceIn(transaction, tracked);
    const former = choice === null ? undefined : tracked?.review?.overlapping[choice.index];
    if (choice === null || former === undefined) return [];
    return [chosen.of({ ...choice, choice: former.choice })];
  }),
];

/** The choice for a passage of this merge that a transaction makes or undoes. */
function choiceIn(transaction: Transaction, { merge }: TrackedMerge) {
  for (const effect of transaction.effects) {
    if (effect.is(chosen) && effect.value.merge === merge) return effect.value;
  }
  return null;
}

function begin(merge: Merge | null, text: Text): TrackedMerge | null {
  if (merge === null) return null;
  return { merge, start: text, since: ChangeSet.empty(text.length).desc, review: null };
}

function follow(tracked: TrackedMerge, transaction: Transaction): TrackedMerge {
  const changes = transaction.changes.desc;
  if (tracked.review === null) {
    return changes.empty ? tracked : { ...tracked, since: tracked.since.composeDesc(changes) };
  }
  const choice = choiceIn(transaction, tracked);
  if (changes.empty && choice === null) return tracked;
  const before = transaction.startState.doc;
  const overlapping = tracked.review.overlapping.map((passage, index) => {
    if (choice === null) {
      const { from, to } = passage;
      const isOpen = from < to && to === before.length && before.sliceString(to - 1, to) !== '\n';
      return moveAlong(passage, changes, -1, isOpen ? 1 : -1);
    }
    // Adjacent passages share a boundary: text inserted for one must not extend the other.
    const [fromSide, toSide] = [
      index > choice.index ? 1 : -1,
      index < choice.index ? -1 : 1,
    ] as const;
    const moved = moveAlong(passage, changes, fromSide, toSide);
    return index === choice.index ? { ...moved, choice: choice.choice } : moved;
  });
  return { ...tracked, review: { ...tracked.review, overlapping } };
}

/**
 * Maps a passage through changes. A passage consists of whole lines: text inserted at its start belongs to it; at its
 * end only if no line break ends it. The sides are those of `mapPos`.
 */
function moveAlong(
  tracked: TrackedPassage,
  changes: ChangeDesc,
  fromSide: -1 | 1,
  toSide: -1 | 1,
): TrackedPassage {
  const from = changes.mapPos(tracked.from, fromSide);
  return { ...tracked, from, to: Math.max(from, changes.mapPos(tracked.to, toSide)) };
}

/** Finds the passages of the tracked merge. Null if there is none, or they are placed already. */
export function placePassages(state: EditorState): TransactionSpec | null {
  const tracked = state.field(trackedMerge);
  if (tracked === null || tracked.review !== null) return null;
  const merged = mergedText(tracked.merge);
  const changes = changesSince(merged, tracked);
  const overlapping: TrackedPassage[] = [];
  const others: MergePassage[] = [];
  for (const passage of mergePassages(tracked.merge)) {
    if (passage.kind !== 'both' || isAlike(passage)) {
      others.push(passage);
      continue;
    }
    const placed = {
      passage,
      from: merged.utf16FromCodePoint(passage.mergedFrom),
      to: merged.utf16FromCodePoint(passage.mergedTo),
      choice: null,
    };
    overlapping.push(moveAlong(placed, changes, -1, -1));
  }
  return { effects: reviewPlaced.of({ overlapping, others }) };
}

/** Both sides made the same change, which was applied once. */
export function isAlike({ mineText, theirsText, mergedText: merged }: MergePassage): boolean {
  return mineText === theirsText && mineText === merged;
}

/** Changes since the merge. Its text may differ from that at the start of tracking, by edits made during the merge. */
function changesSince(merged: DocumentText, { start, since }: TrackedMerge): ChangeDesc {
  const difference = diffTexts(merged.toString(), start.toString());
  const changes = merged.changesFromOperation(difference);
  return ChangeSet.of(changes, merged.lengthUtf16, '\n').desc.composeDesc(since);
}
