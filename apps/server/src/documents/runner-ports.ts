/** Ports of the runner of a document. */
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
import type { OperationTraces } from './operation-traces.ts';
import type { Opened } from './open-document.ts';
import type { LeftDocument, OwnershipTerm } from './ownership.ts';

/** The port by which the owners of documents reach sessions: the sockets of all documents implement it. */
export interface SessionTransport {
  send(session: number, message: ServerMessage): void;
  /** Sends to each joined session of the document except those given, as one frame that is encoded once. */
  broadcast(documentId: DocumentId, message: ServerMessage, except: ReadonlySet<number>): void;
  joined(session: number, documentId: DocumentId): void;
  unjoined(session: number, documentId: DocumentId): void;
  dismissed(session: number): void;
  /** The client of the session reported a diverged text; `isProven` if the log proves it. */
  diverged(session: number, documentId: DocumentId, report: DivergenceReport): void;
}

export type DivergenceReport = Pick<
  Extract<DocumentEffect, { type: 'divergence' }>,
  'clientId' | 'isProven'
>;

/** Values that changed in the store without the owner being notified; null for unchanged ones. */
export interface Rechecked {
  readonly access: DocumentAccess | null;
  readonly named: VersionedTitle | null;
}

export interface DocumentRunnerOptions {
  readonly opened: Opened;
  /** The term of this owner, whose epoch fences its appends. */
  readonly term: OwnershipTerm;
  readonly store: Store;
  readonly sessions: SessionTransport;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly guard: Guard;
  readonly oldEdits: OldEdits;
  /** Null when nothing is traced. */
  readonly traces: OperationTraces | null;
  /** Compares with the store; null when the document was deleted. */
  readonly recheck: (known: DocumentRevision) => Promise<Rechecked | null>;
  /** Called after each commit. */
  readonly changed: () => void;
  /** Called with the error of a failed write; handles those that mean damage, ignores others. */
  readonly damaged: (error: unknown) => void;
  /** Called when the owner has released its state, with how it left the log. */
  readonly unloaded: (left: LeftDocument) => void;
  /**
   * Called when the owner threw, at a message of this person unless null. Returns whether that happened before.
   * `unloaded` follows.
   */
  readonly faulted: (error: Error, userId: string | null) => boolean;
  /** Called when the state of the disk is unknown: the process must end. */
  readonly fatal: (error: Error) => void;
}
