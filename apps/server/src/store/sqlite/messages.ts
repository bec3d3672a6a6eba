/**
 * What the main thread and the worker say to each other. Requests travel in groups: posting a message costs
 * some 10 µs, a request in it 1 µs. Each thread answers groups of a kind in the order they came.
 */
import type { DocumentId } from '@concord/protocol';
import type { Checkpoint, ClientPosition, DocumentRecord } from '../store.ts';
import type { StoreOpenErrorCode } from './store-open-error.ts';

/** Each read: what it asks with, and what answers it. */
export interface Reads {
  readonly headVersion: readonly [documentId: string];
  /** Answered by batches as JSON, one a line, their checksums verified (batch-codec.ts). */
  readonly batches: readonly [documentId: string, afterVersion: number, lastVersion: number];
  readonly position: readonly [documentId: string, clientId: string, author: string];
  readonly checkpoint: readonly [documentId: string];
  readonly document: readonly [documentId: string];
  readonly documentsOf: readonly [userId: string, limit: number];
  readonly documentIds: readonly [];
  readonly personName: readonly [userId: string];
}

export interface ReadAnswers {
  readonly headVersion: number;
  readonly batches: string;
  readonly position: ClientPosition | null;
  readonly checkpoint: Checkpoint | null;
  readonly document: DocumentRecord | null;
  readonly documentsOf: readonly DocumentRecord[];
  readonly documentIds: readonly DocumentId[];
  readonly personName: string | null;
}

export type ReadRequest = {
  [Kind in keyof Reads]: { readonly kind: Kind; readonly arguments: Reads[Kind] };
}[keyof Reads];

/** A batch to append travels as its JSON alone: it is the one write of the hot path. */
export type WriteRequest = string | RareWrite;

export type RareWrite =
  | { readonly kind: 'createDocument'; readonly record: DocumentRecord }
  | { readonly kind: 'renameDocument'; readonly id: string; readonly title: string; readonly updatedAt: number } // prettier-ignore
  | { readonly kind: 'recordVisit'; readonly userId: string; readonly id: string; readonly at: number } // prettier-ignore
  | { readonly kind: 'setPersonName'; readonly userId: string; readonly name: string }
  | { readonly kind: 'writeCheckpoint'; readonly documentId: string; readonly checkpoint: Checkpoint }; // prettier-ignore

/** An error on its way between threads, which do not share classes. */
export interface Failure {
  readonly kind: 'duplicateBatch' | 'duplicateDocument' | 'corruption' | 'unavailable';
  readonly message: string;
}

export type ToWorker =
  | { readonly kind: 'read'; readonly requests: readonly ReadRequest[] }
  | { readonly kind: 'write'; readonly requests: readonly WriteRequest[] }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'opened'; readonly historyId: string }
  | { readonly kind: 'refused'; readonly code: StoreOpenErrorCode; readonly message: string }
  | { readonly kind: 'answered'; readonly answers: readonly ReadOutcome[] }
  /** The group is durable, except the requests at these places, which changed nothing. */
  | { readonly kind: 'written'; readonly failures: readonly WriteFailure[] }
  /** The group failed and the disk's state is unknown: nothing may be written any more. */
  | { readonly kind: 'broken'; readonly message: string }
  | { readonly kind: 'closed' };

export type ReadOutcome = { readonly value: unknown } | { readonly failure: Failure };
export interface WriteFailure {
  readonly place: number;
  readonly failure: Failure;
}
