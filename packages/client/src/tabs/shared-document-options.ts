/** Options of a tab that shares a document: the lock, how to run a replica as leader, and how to merge a copy. */
import type { DocumentText } from '@concord/ot';
import type { Role } from '@concord/protocol';
import type { RunningDocumentClient } from '../document-client.ts';
import type { Merge } from '../core/merge.ts';
import type { Replica } from '../core/replica.ts';
import type { LeadLock } from './lead-lock.ts';

/** A replica that this tab runs as the leader. */
export interface Led {
  readonly client: RunningDocumentClient;
  /** The replica as last stored. */
  readonly kept: () => Replica;
}

/** How a copy is merged. */
export interface MergeCopyOptions {
  /** The person's current role by the server, which may differ from that in the copy; left out if unknown. */
  readonly role?: Role;
  /** Discards the copy: the server's text replaces it. */
  readonly isDiscarded?: boolean;
}

/** The result of merging a copy of another history into the server's text: see merge-copy.ts. */
export interface MergedCopy {
  readonly led: Led;
  /** The server's text, before the copy was merged into it. */
  readonly server: DocumentText;
  /** For review; null when nothing was merged. */
  readonly merge: Merge | null;
}

export interface SharedDocumentOptions {
  /** Name of the lock and the channel: one for each document and person. */
  readonly name: string;
  readonly lock: LeadLock;
  /**
   * Loads or creates the replica, and runs it. Called with the lock held.
   * `former`: connection state of the former leader; undefined if there was none.
   */
  readonly lead: (former: 'online' | 'offline' | undefined) => Promise<Led>;
  /** Whether this tab is visible. */
  readonly isLookedAt: () => boolean;
  /** Replaces a replica whose history the server does not have, or whose sequence numbers were overtaken. */
  readonly mergeCopy?: (led: Led, options: MergeCopyOptions) => Promise<MergedCopy>;
}
