/**
 * A copy of a document that belongs to a history which the server does not have any more, merged into the text that
 * it has now: as ordinary new edits of a new replica, since the numbers and versions of the old one mean nothing
 * there; its effects that were not sent go along. Only insertions: what the server's text has is never deleted, because
 * it is no longer known who deleted what.
 */
import {
  diffTexts,
  isNoOperation,
  noEffects,
  noOperation,
  transformCommitted,
  transformUncommitted,
  uniteLines,
  type DocumentText,
  type EffectTypes,
} from '@concord/ot';
import { effectTypes, type ClientId } from '@concord/protocol';
import { keptEffects } from './replica.ts';
import { putBack } from './buffer-effects.ts';
import type { Merge } from './merge.ts';
import { newReplica } from './new-replica.ts';
import type { Snapshot } from '../ports.ts';
import { bufferOf, type Replica } from './replica.ts';

/** The text of the server as it is now. */
export type ServerText = Pick<Snapshot, 'version' | 'text' | 'head' | 'historyId' | 'effectState'>;

/**
 * A new replica of the server's text, in which the copy's text is one edit that was not sent yet.
 * @param mayWrite whether it may be sent; without, the replica has the server's text alone
 */
export function mergeCopy(
  copy: Replica,
  server: ServerText,
  clientId: ClientId,
  mayWrite: boolean,
  types: EffectTypes = effectTypes,
): Replica {
  const { version, text: confirmed, head, historyId } = server;
  const { documentId, userId, role, title, titleVersion, titleDraft, renames } = copy;
  const buffer = bufferOf(copy, types);
  const { base, mine, theirs } = branchesOf(confirmed, buffer.visible);
  const pending = mayWrite ? transformUncommitted(mine, theirs) : noOperation;
  // What the copy has not sent is made for its visible text.
  const unsent = putBack(buffer.effects, buffer.inFlight?.effects, buffer.pending).pending;
  // Where lines are set apart, the branch has line ends that the copy has not.
  const toBranch = diffTexts(buffer.visible.toString(), base.apply(mine).toString());
  const inBranch = types.move(unsent, toBranch);
  const moved = mayWrite ? types.move(inBranch, transformCommitted(theirs, mine)) : noEffects;
  const told = server.effectState;
  const state = told === null ? types.initial : (told ?? null);
  const isUnsent = !isNoOperation(pending) || moved.length > 0;
  return {
    ...newReplica(documentId, clientId, userId),
    ...{ historyId, opened: true, role, title, titleVersion, titleDraft, renames },
    ...{ version, head, confirmed, pending, pendingEdits: isUnsent ? 1 : 0 },
    ...keptEffects({ types, state, pending: moved }),
  };
}

/**
 * The two texts as branches of what they have in common, line by line, which is as much as can be known of where they
 * parted. Both branches only insert.
 */
export function branchesOf(server: DocumentText, copy: DocumentText): Merge {
  const { toCommon, first, second } = uniteLines(server.toString(), copy.toString());
  return { base: server.apply(toCommon), mine: second, theirs: first, edits: 1 };
}
