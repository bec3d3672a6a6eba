/**
 * Two long branches of one text, from the recording of a paper's keystrokes.
 *
 * The base is the paper some way before its end. The offline branch is the next `edits` of the recording, exactly. The
 * online branch is the edits after those, rebased to a text without the offline branch (`withoutBranch`): real typing,
 * deleting and moving about, often in the passages of the other branch, as with two authors of one paper. Edits that
 * only deleted text of the offline branch are left out and replaced by later ones, so that both sides have the same
 * number. The branches are near the end of the recording, where the paper was revised all over; at its beginning one
 * long passage was typed.
 *
 * A second recording would not touch the first one's text, as two authors do; no other one is long enough for 100,000
 * edits on each side; and recordings of concurrent typing have branches of a few seconds only.
 */
import {
  composeAll,
  countCodePoints,
  DocumentText,
  insertAt,
  transformUncommitted,
  type TextOperation,
} from '@concord/ot';
import type { Trace } from '../trace.ts';
import { seededRandom } from '../writing.ts';
import { withoutBranch } from './without-branch.ts';

export interface Branches {
  readonly baseText: string;
  /** One operation per edit; both branches start from the base. */
  readonly offline: readonly TextOperation[];
  readonly online: readonly TextOperation[];
  /** Length of the merged text in code points, if every edit of both sides takes effect once. */
  readonly mergedLength: number;
}

/** Recorded edits needed per edit of one side: some of the second branch are left out. */
const RECORDED_PER_EDIT = 2.4;

export class BranchesError extends Error {
  readonly code = 'branches';
}

/**
 * @param edits on each side
 * Throws BranchesError when the recording is too short.
 */
export function cutBranches({ operations, endText }: Trace, edits: number): Branches {
  // Outside the basic plane the three systems count differently.
  if (endText.length !== countCodePoints(endText)) {
    throw new BranchesError('The recording has characters outside of the basic plane');
  }
  const from = Math.floor(operations.length - RECORDED_PER_EDIT * edits);
  const tooShort = `The recording is too short for two branches of ${edits} edits`;
  if (from < 0) throw new BranchesError(tooShort);
  const base = DocumentText.empty.apply(composeAll(operations.slice(0, from)));
  const offline = operations.slice(from, from + edits);
  const continuation = operations.slice(from + edits);
  const online = withoutBranch(base.lengthCodePoints, offline, continuation).slice(0, edits);
  if (online.length < edits) throw new BranchesError(tooShort);
  return branchesOf(base, offline, online);
}

/**
 * The worst case for composing, which does not occur in practice: every edit is one character at another place of the
 * finished paper. The places come from a seed.
 * @param edits on each side
 */
export function scatterBranches({ endText }: Trace, edits: number): Branches {
  const base = DocumentText.from(endText);
  const random = seededRandom(1);
  const side = (character: string): TextOperation[] =>
    Array.from({ length: edits }, (_, made) =>
      insertAt(Math.floor(random() * (base.lengthCodePoints + made + 1)), character),
    );
  return branchesOf(base, side('a'), side('b'));
}

function branchesOf(
  base: DocumentText,
  offline: readonly TextOperation[],
  online: readonly TextOperation[],
): Branches {
  const first = composeAll(online);
  const second = transformUncommitted(composeAll(offline), first);
  const mergedLength = base.apply(first).apply(second).lengthCodePoints;
  return { baseText: base.toString(), offline, online, mergedLength };
}
