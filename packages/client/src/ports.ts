/** Ports of the client: transport, storage for replicas, snapshots, and the REST API. */
import type { DocumentText, EffectState, TextOperation } from '@concord/ot';
import type {
  ClientId,
  ClientMessage,
  DocumentId,
  Head,
  OperationIdentity,
  ServerMessage,
} from '@concord/protocol';
import type { Replica } from './core/replica.ts';
import type { Rename, VersionedTitle } from './core/title.ts';

/** Events of a transport, in order. A connection that was replaced or disconnected reports nothing. */
export interface TransportListener {
  connected(): void;
  /** The connection broke or failed to open. Not called after `disconnect`. */
  disconnected(): void;
  message(message: ServerMessage): void;
}

export interface Transport {
  /** Opens a connection and drops a former one. The caller retries. */
  connect(): void;
  disconnect(): void;
  /** Sends in order while connected; otherwise the message is lost, which the protocol expects. */
  send(message: ClientMessage): void;
}

export type CreateTransport = (listener: TransportListener) => Transport;

/** Proof of an account; guests have a cookie or a guest token instead. */
export interface Credentials {
  /**
   * A valid access token, or null for a guest. Rejects when none can be fetched now (no network): requests of an
   * account are never sent as a guest instead.
   */
  token(): Promise<string | null>;
  /** Calls `listener` with each new access token, to renew open connections. Returns the unsubscribe function. */
  subscribe(listener: (token: string | null) => void): () => void;
  /** Reports that the server refused the present token as expired, although it is valid by this device's clock. */
  expired?(): void;
}

/** Storage of replicas. One replica per tab; two tabs never write the same one. */
export interface QueueStore {
  load(documentId: DocumentId, clientId: ClientId): Promise<Replica | null>;
  /**
   * Resolves when written; `strict` survives power loss. Rejects with QueueStoreError. Concurrent writes take effect in
   * the order of their calls, and complete although the page unloads meanwhile.
   */
  save(replica: Replica, durability: 'strict' | 'relaxed'): Promise<void>;
  /** The replicas of a document on this device. */
  list(documentId: DocumentId): Promise<readonly ClientId[]>;
  remove(documentId: DocumentId, clientId: ClientId): Promise<void>;
}

export interface Snapshot {
  readonly version: number;
  readonly text: DocumentText;
  /** History the snapshot belongs to; null if the server did not report it. */
  readonly historyId: string | null;
  /** The operation that produced the version; null at version 0. */
  readonly head: OperationIdentity | null;
  /** Transforms the requested version into this one; null if the server did not report it. */
  readonly operation: TextOperation | null;
  /** What effects had led to; null for nothing, absent when the server did not tell. */
  readonly effectState?: EffectState | null | undefined;
}

export interface SnapshotSource {
  /**
   * A snapshot at `atLeastVersion` or newer, and the operation from `afterVersion` to it, unless that is null. Rejects
   * when the snapshot is unavailable now, or belongs to another history than `head`.
   */
  fetch(
    documentId: DocumentId,
    atLeastVersion: number,
    afterVersion: number | null,
    head?: Head | null,
  ): Promise<Snapshot>;
}

/** Requests to the server outside the connection. Any rejection but ServerRefusedError is retried. */
export interface DocumentServer {
  /** Creates a document with a client-chosen id; idempotent. Rejects with ServerRefusedError. */
  create(documentId: DocumentId): Promise<void>;
  /**
   * Resolves to the server's title once the rename is applied; idempotent by the id of the rename.
   * Rejects with ServerRefusedError.
   */
  rename(documentId: DocumentId, rename: Rename): Promise<VersionedTitle>;
}

/** The server refuses the request: permanently, or, if not final, until there is room again. */
export class ServerRefusedError extends Error {
  readonly code: string;
  readonly isFinal: boolean;
  constructor(code: string, detail: string, isFinal = true) {
    super(detail);
    this.code = code;
    this.isFinal = isFinal;
  }
}

/** The queue cannot be stored: storage is blocked, full, or was evicted. */
export class QueueStoreError extends Error {
  readonly code: 'queueStore' | 'superseded' = 'queueStore';
}

/** The storage timed out, for instance because another tab holds a transaction. The request may still complete. */
export class NoAnswerError extends QueueStoreError {}

/** A tab with a higher fencing token writes this replica now, and is responsible for what it contains. */
export class SupersededError extends QueueStoreError {
  override readonly code = 'superseded';
}
