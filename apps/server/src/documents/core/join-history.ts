/**
 * Whether the text of a client that joins belongs to the log of this document. After an older backup was restored, a
 * client may know versions that the log does not have, or has with other operations: its edits and the log's must
 * not be moved over each other (docs/protocol.md, "Another history").
 */
import type { JoinMessage, OperationIdentity } from '@concord/protocol';

/** What a join is compared with. */
export interface OwnHistory {
  readonly historyId: string;
  /** Version of the newest durable operation. */
  readonly head: number;
  /** The operation of the log that produced the join's version; null when there is none. */
  readonly entry: OperationIdentity | null;
  /** Of the text at the join's version, where that is needed; null when it would cost too much. */
  readonly checksum?: number | null | undefined;
}

/** Whether the log must be asked which operation produced the join's version. */
export function needsEntry({ version, head }: JoinMessage, own: Pick<OwnHistory, 'head'>): boolean {
  return head !== undefined && version > 0 && version <= own.head;
}

/**
 * Two logs that agree in one entry agree in all before it: client id, number and time of commit are not the same
 * again when a log was cut off and written on. The empty text at version 0 belongs to every history. A client that
 * names no entry (its device kept the text before there were any) names the checksum of its text: of the text at its
 * own version, since two histories that differ there may be equal again at the head.
 */
export function isOfAnotherHistory(join: JoinMessage, own: OwnHistory): boolean {
  const { version, head, historyId } = join;
  if (version === 0) return false;
  if (version > own.head) return true;
  if (historyId !== undefined && historyId !== own.historyId) return true;
  if (head !== undefined) return !isSameOperation(head, own.entry);
  return needsChecksum(join, own) && join.checksum !== own.checksum;
}

/** Whether the join's version is proven by the text at it, not by the operation that produced it. */
export function needsChecksum(
  { version, head, checksum, diverged }: JoinMessage,
  own: Pick<OwnHistory, 'head'>,
): boolean {
  const isKnown = version > 0 && version <= own.head;
  return isKnown && head === undefined && checksum !== undefined && diverged !== true;
}

/** Whether both are the same operation of the same history. */
export function isSameOperation(a: OperationIdentity, b: OperationIdentity | null): boolean {
  return a.clientId === b?.clientId && a.seq === b.seq && a.at === b.at;
}
