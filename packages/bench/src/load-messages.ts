/** Messages between the benchmark and its load process. Times in milliseconds. */
import type { ClientKind, SideName } from './load-client.ts';

/** Where the load goes. */
export interface Target {
  readonly side: SideName;
  readonly kind: ClientKind;
  readonly url: string;
  /** Further nodes of the same cluster: connections go to all of them in turn. */
  readonly others?: readonly string[];
  /** Another built checkout of Concord, whose client library makes the load; this one's when left out. */
  readonly checkout?: string;
}

export interface WritingJob {
  readonly kind: 'writing';
  readonly documents: number;
  readonly writersPerDocument: number;
  readonly readersPerDocument: number;
  /** Edits per second of each writer; null for a closed loop. */
  readonly paceHz: number | null;
  readonly textLength: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly seed: number;
}

export interface WritingResult {
  readonly acknowledgedEdits: number;
  readonly measuredMs: number;
  readonly toAcknowledged: readonly number[];
  readonly toVisible: readonly number[];
  /** Processor time of the load process while measuring. */
  readonly loadCpuMs: number;
}

/** Opens a document with a fresh client and measures until its text is there. */
export interface OpeningJob {
  readonly kind: 'opening';
  readonly documentId: string;
  readonly expectedLength: number;
}

/** Joins documents and idles until `disconnect`. Results in the ids of the documents. */
export interface IdleJob {
  readonly kind: 'idle';
  readonly connections: number;
  readonly perDocument: number;
  readonly textLength: number;
}

export type Job = WritingJob | OpeningJob | IdleJob | { readonly kind: 'disconnect' };

export interface JobRequest {
  readonly target: Target;
  readonly job: Job;
}

export type LoadReport =
  /** The warm-up or the measured time is over. */
  | { readonly event: 'measuring' }
  | { readonly event: 'measured' }
  | { readonly event: 'done'; readonly result: unknown }
  | { readonly event: 'failed'; readonly error: string };
