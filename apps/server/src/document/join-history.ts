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
}

/** Whether the log must be asked which operation produced the join's version. */
export function needsEntry({ version, head }: JoinMessage, own: Pick<OwnHistory, 'head'>): boolean {
  return head !== undefined && version > 0 && version <= own.head;
}

/**
 * Two logs that agree in one entry agree in all before it: client id, number and time of commit are not the same
 * again when a log was cut off and written on. The empty text at version 0 belongs to every history. A client that
 * names no entry (its device kept the text before there were any) is told the checksum at the head, and judges itself.
 */
export function isOfAnotherHistory(join: JoinMessage, own: OwnHistory): boolean {
  const { version, head, historyId } = join;
  if (version === 0) return false;
  if (version > own.head) return true;
  if (historyId !== undefined && historyId !== own.historyId) return true;
  return head !== undefined && !isSameOperation(head, own.entry);
}

/** Whether the client has not said which operation produced its version. */
export function isUnproven({ version, head, protocol }: JoinMessage): boolean {
  return protocol >= 3 && version > 0 && head === undefined;
}

/** Whether both are the same operation of the same history. */
export function isSameOperation(a: OperationIdentity, b: OperationIdentity | null): boolean {
  return a.clientId === b?.clientId && a.seq === b.seq && a.at === b.at;
}
