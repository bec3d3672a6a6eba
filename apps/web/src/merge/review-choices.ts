/**
 * State of a passage of a merge, and the transactions that decide it. Pure: each choice is an ordinary transaction,
 * which the editor sends and undoes like any other.
 */
import type { Merge } from '@concord/client';
import { isolateHistory } from '@codemirror/commands';
import type { ChangeSpec, EditorState, Text, TransactionSpec } from '@codemirror/state';
import { chosen, trackedMerge, type Choice, type TrackedPassage } from './merge-review.ts';
import { wordDiff } from './word-diff.ts';

/** A version of a passage that can be chosen. */
export type Version = Exclude<Choice, 'asItIs'>;

export function versionText({ passage }: TrackedPassage, version: Version): string {
  if (version === 'both') return passage.mergedText;
  return version === 'mine' ? passage.mineText : passage.theirsText;
}

export type PassageState =
  | { readonly kind: 'undecided' }
  | { readonly kind: 'decided'; readonly choice: Choice }
  /** Edited after the merge, or after the choice. */
  | { readonly kind: 'changed'; readonly present: string };

/** State of a passage, derived from its current text. */
export function passageState(tracked: TrackedPassage, text: Text): PassageState {
  const { choice, from, to } = tracked;
  if (choice === 'asItIs') return { kind: 'decided', choice };
  const present = text.sliceString(from, to);
  if (choice !== null && present === versionText(tracked, choice))
    return { kind: 'decided', choice };
  if (present === versionText(tracked, 'both')) return { kind: 'undecided' };
  // No choice is stored, for instance after undo of one that was made before a reload: compare the text.
  const version = (['mine', 'theirs'] as const).find(
    (side) => present === versionText(tracked, side),
  );
  if (version !== undefined) return { kind: 'decided', choice: version };
  return { kind: 'changed', present };
}

const asOneStep = {
  userEvent: 'input.review',
  annotations: isolateHistory.of('full'),
} as const;

/**
 * Replaces a passage by one of its versions with a minimal edit. Null if the passage was edited since, which must not
 * be overwritten.
 */
export function keepVersion(
  state: EditorState,
  index: number,
  version: Version,
): TransactionSpec | null {
  const found = passageAt(state, index);
  if (found === null) return null;
  const { merge, tracked } = found;
  if (passageState(tracked, state.doc).kind === 'changed') return null;
  const present = state.doc.sliceString(tracked.from, tracked.to);
  const changes: ChangeSpec[] = [];
  let position = tracked.from;
  for (const { kind, text } of wordDiff(present, versionText(tracked, version))) {
    if (kind === 'added') changes.push({ from: position, insert: text });
    else {
      if (kind === 'removed') changes.push({ from: position, to: position + text.length });
      position += text.length;
    }
  }
  return { changes, effects: chosen.of({ merge, index, choice: version }), ...asOneStep };
}

/** Inserts a version after a passage that was edited since; both stay. */
export function addVersion(
  state: EditorState,
  index: number,
  version: 'mine' | 'theirs',
): TransactionSpec | null {
  const found = passageAt(state, index);
  if (found === null) return null;
  const { merge, tracked } = found;
  const { to } = tracked;
  const lines = versionText(tracked, version).replace(/^\n|\n$/g, '');
  const isAtLineStart = to === 0 || state.doc.sliceString(to - 1, to) === '\n';
  const isAtEnd = to === state.doc.length;
  const insert = `${isAtLineStart ? '' : '\n'}${lines}${isAtEnd && !isAtLineStart ? '' : '\n'}`;
  return {
    changes: { from: to, insert },
    effects: chosen.of({ merge, index, choice: 'asItIs' }),
    ...asOneStep,
  };
}

/** Keeps the current text. */
export function keepAsItIs(state: EditorState, index: number): TransactionSpec | null {
  const found = passageAt(state, index);
  if (found === null) return null;
  return { effects: chosen.of({ merge: found.merge, index, choice: 'asItIs' }), ...asOneStep };
}

function passageAt(
  state: EditorState,
  index: number,
): { readonly merge: Merge; readonly tracked: TrackedPassage } | null {
  const reviewed = state.field(trackedMerge);
  const tracked = reviewed?.review?.overlapping[index];
  return reviewed === null || tracked === undefined ? null : { merge: reviewed.merge, tracked };
}
