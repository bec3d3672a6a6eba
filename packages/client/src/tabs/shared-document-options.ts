/** What a tab needs to share a document: the lock, a replica that it runs while it leads, and one that replaces it. */
import type { DocumentText } from '@concord/ot';
import type { Role } from '@concord/protocol';
import type { RunningDocumentClient } from '../document-client.ts';
import type { Merge } from '../core/merge.ts';
import type { Replica } from '../core/replica.ts';
import type { LeadLock } from './lead-lock.ts';

/** A replica that this tab runs. */
export interface Led {
  readonly client: RunningDocumentClient;
  /** As the device has it. */
  readonly kept: () => Replica;
}

/** How a copy is merged. */
export interface MergeCopyOptions {
  /** Of this person, as the server says it now: what the copy knows is from before. Left out when it is not known. */
  readonly role?: Role;
  /** Nothing of it is wanted: the server's text takes its place. */
  readonly isDiscarded?: boolean;
}

/** A copy of a former history went into the server's text: see merge-copy.ts. */
export interface MergedCopy {
  readonly led: Led;
  /** The server's text, before the copy was merged into it. */
  readonly server: DocumentText;
  /** To be reviewed; null when nothing was merged. */
  readonly merge: Merge | null;
}

export interface SharedDocumentOptions {
  /** Of the document and the person. */
  readonly name: string;
  readonly lock: LeadLock;
  /**
   * Loads the replica, or begins one, and runs it. Called with the lock held.
   * `former`: how the tab was connected that led before; none when none did.
   */
  readonly lead: (former: 'online' | 'offline' | undefined) => Promise<Led>;
  /** The person looks at this tab now. */
  readonly isLookedAt: () => boolean;
  /** Puts another replica in the place of one whose history the server does not have, or that was overtaken. */
  readonly mergeCopy?: (led: Led, options: MergeCopyOptions) => Promise<MergedCopy>;
}
