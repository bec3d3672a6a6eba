/** Client interface of the load generator, for both sides. */
import type { TextOperation } from '@concord/ot';

export type SideName = 'concord' | 'sharedb';
/** `product`: the side's own client library. `wire`: a bare client that only reads and writes frames. */
export const CLIENT_KINDS = ['wire', 'product'] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

export interface LoadClient {
  /** Length of the text as this client knows it, in code points. */
  readonly length: number;
  /** Equal for two clients of a document that have received the same. */
  readonly fingerprint: string;
  /** Makes one edit, after the one before was acknowledged. */
  edit(operation: TextOperation, acknowledged: () => void): void;
  close(): Promise<void>;
}

/** Called with each remote operation once it is in this client's text (`wire`: once it was received). */
export type Seen = (operation: TextOperation) => void;

export interface ClientSource {
  createDocument(text: string): Promise<string>;
  /** Resolves when the text is there. */
  connect(documentId: string, seen: Seen): Promise<LoadClient>;
}

/** A failure of the load that aborts the benchmark. */
export class LoadError extends Error {
  readonly code = 'load';
}
