/** What the benchmark needs of a replica, whichever system it belongs to, and the words for its process. */
import type { TextOperation } from '@concord/ot';

/**
 * `yjs`: the page stayed open, and its provider kept a message for every edit. `yjsReloaded`: a new provider over
 * the same document, as after a reload with the document kept on the device; it sends one update.
 */
export const MERGE_SYSTEMS = ['concord', 'sharedb', 'yjs', 'yjsReloaded'] as const;
export type MergeSystem = (typeof MERGE_SYSTEMS)[number];

export interface MergeReplica {
  readonly text: string;
  readonly length: number;
  /** Connected, with nothing of its own that the server has not acknowledged. */
  readonly isSettled: boolean;
  edit(operation: TextOperation): void;
  whenSettled(): Promise<void>;
  /** The network is back: connect now, rather than after the delay of the library. */
  connect(): void;
  close(): Promise<void>;
}

export interface ReplicaSource {
  createDocument(text: string): Promise<string>;
  /**
   * Resolves when the text is there.
   * @param happened called after every change of the text and every acknowledgement
   */
  open(documentId: string, happened: () => void): Promise<MergeReplica>;
}

/** What a replica's process is asked; it answers one question after the other. */
export type ReplicaQuestion =
  | { readonly ask: 'create'; readonly text: string }
  | { readonly ask: 'open'; readonly documentId: string }
  /** Makes edits; `acknowledged`: each one reaches the server before the next (nothing is composed). */
  | {
      readonly ask: 'write';
      readonly operations: readonly TextOperation[];
      readonly acknowledged: boolean;
    }
  /** Begins to watch for stalls. */
  | { readonly ask: 'watch' }
  /** Connects; answers with the time at which it did. */
  | { readonly ask: 'connect' }
  | { readonly ask: 'state' }
  | { readonly ask: 'checksum' }
  /** Opens one more replica, and answers with the checksum of its text: it is the server's. */
  | { readonly ask: 'serverChecksum'; readonly documentId: string }
  | { readonly ask: 'figures' }
  | { readonly ask: 'close' };

/** Times in milliseconds of the machine's monotonic clock, which all processes share. */
export interface ReplicaState {
  readonly length: number;
  readonly isSettled: boolean;
  /** When the text changed or something was acknowledged last. */
  readonly lastAtMs: number;
}

/** Of a process since `watch`; memory since it started. */
export interface ProcessFigures {
  readonly longestStallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
}

export class MergeError extends Error {
  readonly code = 'merge';
}
