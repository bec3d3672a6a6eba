/** What the client needs from outside: a connection, a device to keep the queue on, and snapshots. */
import type { DocumentText, TextOperation } from '@concord/ot';
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

/** What a transport reports, in order. Nothing is reported of a connection that was given up. */
export interface TransportListener {
  connected(): void;
  /** The connection broke, or could not be made. Not after `disconnect`. */
  disconnected(): void;
  message(message: ServerMessage): void;
}

export interface Transport {
  /** Opens a connection; a former one is given up. Retrying is the caller's business. */
  connect(): void;
  disconnect(): void;
  /** Sends in order while connected; otherwise the message is lost, which the protocol expects. */
  send(message: ClientMessage): void;
}

export type CreateTransport = (listener: TransportListener) => Transport;

/** How one proves to be an account's owner; guests have a cookie or a guest token instead. */
export interface Credentials {
  /**
   * An access token that is good for now, or null for a guest. Rejects when it cannot be had now (no network):
   * nothing is sent as somebody else instead.
   */
  token(): Promise<string | null>;
  /** Tells of every new access token, so that open connections are renewed. Returns the function that stops it. */
  subscribe(listener: (token: string | null) => void): () => void;
  /** The server refused the present token as expired, whatever this device's clock says. */
  expired?(): void;
}

/** Where replicas are kept. One replica per tab; two tabs never write the same one. */
export interface QueueStore {
  load(documentId: DocumentId, clientId: ClientId): Promise<Replica | null>;
  /**
   * Resolves when written; `strict` survives power loss. Rejects with QueueStoreError. Writes take effect in the
   * order of their calls, also when one is begun before another has ended, and though the page goes away meanwhile.
   */
  save(replica: Replica, durability: 'strict' | 'relaxed'): Promise<void>;
  /** The replicas of a document on this device. */
  list(documentId: DocumentId): Promise<readonly ClientId[]>;
  remove(documentId: DocumentId, clientId: ClientId): Promise<void>;
}

export interface Snapshot {
  readonly version: number;
  readonly text: DocumentText;
  /** The store it belongs to; null when the server did not tell. */
  readonly historyId: string | null;
  /** The operation that produced the version; null at version 0. */
  readonly head: OperationIdentity | null;
  /** Leads there from the version that was asked for; null when the server did not tell. */
  readonly operation: TextOperation | null;
}

export interface SnapshotSource {
  /**
   * A snapshot at `atLeastVersion` or newer, and the operation that leads there from `afterVersion`, unless that is
   * null. Rejects when the snapshot cannot be had now, or is of another history than `head`.
   */
  fetch(
    documentId: DocumentId,
    atLeastVersion: number,
    afterVersion: number | null,
    head?: Head | null,
  ): Promise<Snapshot>;
}

/** What is asked of the server besides the connection. Everything else that rejects is tried again. */
export interface DocumentServer {
  /** Makes a document with an id that was chosen here; made already is fine. Rejects with ServerRefusedError. */
  create(documentId: DocumentId): Promise<void>;
  /**
   * Resolves to the title as the server keeps it, when it has the renaming; one that it had before is not applied again.
   * Rejects with ServerRefusedError.
   */
  rename(documentId: DocumentId, rename: Rename): Promise<VersionedTitle>;
}

/** The server does not do it: however often it is asked, or, where it is not final, for want of room now. */
export class ServerRefusedError extends Error {
  readonly code: string;
  readonly isFinal: boolean;
  constructor(code: string, detail: string, isFinal = true) {
    super(detail);
    this.code = code;
    this.isFinal = isFinal;
  }
}

/** The device cannot keep the queue: storage is blocked, full, or was taken away. */
export class QueueStoreError extends Error {
  readonly code: 'queueStore' | 'superseded' = 'queueStore';
}

/** The device was asked, and has not answered: another tab holds a transaction. It may answer later. */
export class NoAnswerError extends QueueStoreError {}

/** Another tab writes this replica now. What this one still holds is that tab's business. */
export class SupersededError extends QueueStoreError {
  override readonly code = 'superseded';
}
