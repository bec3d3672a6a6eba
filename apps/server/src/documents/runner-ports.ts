/** What the runner of a document needs around it. */
import type { DocumentId, ServerMessage } from '@concord/protocol';
import type { DocumentAccess } from '../access/core/permissions.ts';
import type { Guard } from '../platform/guard.ts';
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { VersionedTitle } from '../store/core/rename.ts';
import type { DocumentRevision } from '../store/ports/access-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { DocumentEffect } from './core/document-messages.ts';
import type { OldEdits } from './old-edits.ts';
import type { Opened } from './open-document.ts';
import type { OwnershipTerm } from './ownership.ts';

/** The sockets of all documents, as the owner sees them. */
export interface Sessions {
  send(session: number, message: ServerMessage): void;
  /** To every session of the document that joined, except some: one frame, encoded once. */
  broadcast(documentId: DocumentId, message: ServerMessage, except: ReadonlySet<number>): void;
  joined(session: number, documentId: DocumentId): void;
  unjoined(session: number, documentId: DocumentId): void;
  dismissed(session: number): void;
  /** The client of the session reports another text; whether the log proves it. */
  diverged(session: number, documentId: DocumentId, report: DivergenceReport): void;
}

export type DivergenceReport = Pick<
  Extract<DocumentEffect, { type: 'divergence' }>,
  'clientId' | 'isProven'
>;

/** What changed in the store without this owner knowing of it; null for what did not. */
export interface Rechecked {
  readonly access: DocumentAccess | null;
  readonly named: VersionedTitle | null;
}

export interface DocumentRunnerOptions {
  readonly opened: Opened;
  /** By which this owner appends: the log refuses it when a later one has written. */
  readonly term: OwnershipTerm;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly guard: Guard;
  readonly oldEdits: OldEdits;
  /** What of it is another in the store; null when the document is gone. */
  readonly recheck: (known: DocumentRevision) => Promise<Rechecked | null>;
  /** Something was committed. */
  readonly changed: () => void;
  /** Something could not be written where the database is damaged; any other error is not its business. */
  readonly damaged: (error: unknown) => void;
  /** The owner gave its state up. */
  readonly unloaded: () => void;
  /**
   * The owner threw, at a message of this person unless null. Returns whether that happened before.
   * `unloaded` follows.
   */
  readonly faulted: (error: Error, userId: string | null) => boolean;
  /** The state of the disk is unknown: the process must end. */
  readonly fatal: (error: Error) => void;
}
