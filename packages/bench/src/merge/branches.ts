/**
 * Two long branches of one text, out of the recording of a person writing a paper, keystroke by keystroke.
 *
 * The paper as it stood some way before its end is the base. The branch made offline is the next `edits` of the
 * recording, exactly. The branch made online is what the same person did after that, told again for a text that
 * has not got the offline branch (`withoutBranch`): real typing, deleting and jumping about, much of it in the
 * very passages that the other branch works on, as with two authors of one paper. Edits that only took back what
 * the offline branch had written are left out, and later ones come in their place, so that both sides have
 * the same number. The branches end near the end of the recording, where the paper was revised all over, rather
 * than at its beginning, where one long passage was typed.
 *
 * Another recording for the second branch would leave the first one's text alone, which no two authors do; none but
 * this one is long enough for 100,000 edits on each side; and the recordings of people who typed at the same time
 * have no branches longer than a few seconds.
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
  /** One operation for each edit; both sides begin with the base. */
  readonly offline: readonly TextOperation[];
  readonly online: readonly TextOperation[];
  /** Code points of a text in which every edit of both sides took effect once. */
  readonly mergedLength: number;
}

/** How much of the recording two branches take for each edit on one side: some of the second are left out. */
const RECORDED_PER_EDIT = 2.4;

export class BranchesError extends Error {
  readonly code = 'branches';
}

/**
 * @param edits on each side
 * Throws BranchesError when the recording is too short.
 */
export function cutBranches({ operations, endText }: Trace, edits: number): Branches {
  // The three systems count differently outside of the basic plane; the recording stays inside.
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
 * The worst case for systems that compose: every edit is one character at another place of the finished paper.
 * Nobody writes so; the places come from a seed.
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
