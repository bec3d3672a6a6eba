/** What a page begins with, whether its device answers or not. */
import type { ClientId } from '@concord/protocol';
import type { Replica } from './replica.ts';

/** What was found of a document on the device, within the time that there is for it. */
export interface FoundReplica {
  /** Whether the device answered everything that was asked of it. */
  readonly isAnswered: boolean;
  /** The replica that the page may write from now on; null when there is none, or none was read. */
  readonly replica: Replica | null;
  /** The id of a replica that is there; it may be known though its text could not be read. */
  readonly keptId: ClientId | null;
}

/** What a session is begun with. */
export interface ReplicaToOpen {
  readonly replica: Replica;
  readonly isWithoutDevice: boolean;
}

/**
 * Without an answer a new replica is begun, never under the id of one that is kept: which numbers that one has used
 * is not known, and its edits are sent under its own id once it can be read.
 *
 * @param fresh a new replica, with an id that was never used
 */
export function replicaToOpen(found: FoundReplica, fresh: Replica): ReplicaToOpen {
  if (!found.isAnswered) return { replica: fresh, isWithoutDevice: true };
  return { replica: found.replica ?? fresh, isWithoutDevice: false };
}
