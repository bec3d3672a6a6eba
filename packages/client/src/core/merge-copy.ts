/**
 * A copy of a document that belongs to a history which the server does not have any more, merged into the text that
 * it has now: as ordinary new edits of a new replica, since the numbers and versions of the old one mean nothing
 * there. Only insertions: what the server's text has is never deleted, because it is no longer known who deleted what.
 */
import {
  isNoOperation,
  noOperation,
  transformUncommitted,
  uniteLines,
  type DocumentText,
} from '@concord/ot';
import type { ClientId } from '@concord/protocol';
import type { Merge } from './merge.ts';
import { newReplica } from './new-replica.ts';
import type { Snapshot } from '../ports.ts';
import { bufferOf, type Replica } from './replica.ts';

/** The text of the server as it is now. */
export type ServerText = Pick<Snapshot, 'version' | 'text' | 'head' | 'historyId'>;

/**
 * A new replica of the server's text, in which the copy's text is one edit that was not sent yet.
 * @param mayWrite whether it may be sent; without, the replica has the server's text alone
 */
export function mergeCopy(
  copy: Replica,
  server: ServerText,
  clientId: ClientId,
  mayWrite: boolean,
): Replica {
  const { version, text: confirmed, head, historyId } = server;
  const { documentId, userId, role, title, titleVersion, titleDraft, renames } = copy;
  const { mine, theirs } = branchesOf(confirmed, bufferOf(copy).visible);
  const pending = mayWrite ? transformUncommitted(mine, theirs) : noOperation;
  return {
    ...newReplica(documentId, clientId, userId),
    ...{ historyId, opened: true, role, title, titleVersion, titleDraft, renames },
    ...{ version, head, confirmed, pending, pendingEdits: isNoOperation(pending) ? 0 : 1 },
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
