/** Replica interface for all systems, and the messages to a replica's process. */
import type { TextOperation } from '@concord/ot';

/**
 * `yjs`: the page stayed open, and its provider has queued a message per edit. `yjsReloaded`: a new provider over the
 * same document, as after a reload with the document stored on the device; it sends one update.
 */
export const MERGE_SYSTEMS = ['concord', 'sharedb', 'yjs', 'yjsReloaded'] as const;
export type MergeSystem = (typeof MERGE_SYSTEMS)[number];

export interface MergeReplica {
  readonly text: string;
  readonly length: number;
  /** Connected, with all own edits acknowledged. */
  readonly isSettled: boolean;
  edit(operation: TextOperation): void;
  whenSettled(): Promise<void>;
  /** The network is back: connects now, without the library's backoff. */
  connect(): void;
  close(): Promise<void>;
}

export interface ReplicaSource {
  createDocument(text: string): Promise<string>;
  /**
   * Resolves when the text is there.
   * @param happened called after each change of the text and each acknowledgement
   */
  open(documentId: string, happened: () => void): Promise<MergeReplica>;
}

/** Requests to a replica's process, handled one after the other. */
export type ReplicaQuestion =
  | { readonly ask: 'create'; readonly text: string }
  | { readonly ask: 'open'; readonly documentId: string }
  /** Makes edits; `acknowledged`: each is acknowledged before the next, so that none are composed. */
  | {
      readonly ask: 'write';
      readonly operations: readonly TextOperation[];
      readonly acknowledged: boolean;
    }
  /** Begins to watch for stalls. */
  | { readonly ask: 'watch' }
  /** Connects; responds with the time. */
  | { readonly ask: 'connect' }
  | { readonly ask: 'state' }
  | { readonly ask: 'checksum' }
  /** Opens a fresh replica; responds with the checksum of its text, which is the server's. */
  | { readonly ask: 'serverChecksum'; readonly documentId: string; readonly expected: number }
  | { readonly ask: 'figures' }
  | { readonly ask: 'close' };

/** Times in milliseconds of the monotonic clock that all processes share. */
export interface ReplicaState {
  readonly length: number;
  readonly isSettled: boolean;
  /** Time of the last change or acknowledgement. */
  readonly lastAtMs: number;
}

/** Figures of a process since `watch`; its memory since the start. */
export interface ProcessFigures {
  readonly longestStallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
}

export class MergeError extends Error {
  readonly code = 'merge';
}
