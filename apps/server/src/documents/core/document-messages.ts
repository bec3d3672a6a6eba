/** What goes into the owner of a document, and what comes out. Adapters carry out the effects in order. */
import type {
  DocumentText,
  EffectState,
  EffectTypes,
  OperationFault,
  TextOperation,
} from '@concord/ot';
import type {
  ClientId,
  DocumentId,
  JoinMessage,
  Limits,
  PresenceMessage,
  RenameId,
  ServerMessage,
  SubmitMessage,
  WithdrawMessage,
} from '@concord/protocol';
import type { Asker, DocumentAccess } from '../../access/core/permissions.ts';
import type { DocumentRevision } from '../../store/ports/access-store.ts';
import type { Batch, ClientPosition, LoggedOperation } from '../../store/ports/store.ts';

/** Everything known of a document when it is opened. */
export interface OpenedDocument {
  readonly documentId: DocumentId;
  readonly historyId: string;
  readonly title: string;
  readonly titleVersion: number;
  readonly limits: Limits;
  readonly access: DocumentAccess;
  /** A text of the document (its latest checkpoint), and the operations after it. */
  readonly version: number;
  readonly text: DocumentText;
  /** What the effects up to that version led to; absent for nothing. */
  readonly effectState?: EffectState | undefined;
  readonly tail: readonly LoggedOperation[];
  /** Those of the protocol, unless others are given. */
  readonly effectTypes?: EffectTypes;
}

/** Why nothing more of a person can be stored now. It is told as a rejection that does not use up the number. */
export interface StorageRefusal {
  readonly code: 'storeUnavailable' | 'quotaExceeded';
  readonly detail: string;
  /** When trying again may help. */
  readonly retryAfterMs: number;
}

export type DocumentTimer = 'carets' | 'people' | 'heartbeat' | 'access' | 'idle';

export type DocumentInput =
  /** `session` is the connection's number, never used twice while the document is open. */
  | {
      readonly type: 'join';
      readonly session: number;
      readonly userId: string;
      readonly name: string;
      /** The most that what it proved allows; null for no limit besides the document's. */
      readonly atMost: Asker['atMost'];
      /** Until when its proof of identity is good; milliseconds since 1970. */
      readonly authorizedUntil: number;
      readonly message: JoinMessage;
    }
  /** The session proved anew who it is. */
  | { readonly type: 'renewed'; readonly session: number; readonly authorizedUntil: number }
  | {
      readonly type: 'submit';
      readonly session: number;
      readonly message: SubmitMessage;
      /** Null, or left out, when it can be stored. */
      readonly refusal?: StorageRefusal | null;
    }
  | { readonly type: 'withdraw'; readonly session: number; readonly message: WithdrawMessage }
  | { readonly type: 'presence'; readonly session: number; readonly message: PresenceMessage }
  | { readonly type: 'probe'; readonly session: number }
  /** The connection is gone, or the client left. */
  | { readonly type: 'left'; readonly session: number }
  | {
      readonly type: 'loaded';
      readonly session: number;
      /** Which join it is for: the session may have joined again meanwhile, for another client or from another version. */
      readonly clientId: ClientId;
      readonly epoch: number;
      readonly position: ClientPosition | null;
      /** Consecutive, up to the version that was asked for. */
      readonly operations: readonly LoggedOperation[];
      readonly untilVersion: number;
      /** The operations take more than was asked for, and were left out. */
      readonly isTooLong: boolean;
      /** The operation that produced the version that was asked for; null when the log has none, undefined unasked. */
      readonly entry?: LoggedOperation | null | undefined;
      /** Of the text at the version that was asked for; null when making it costs too much, undefined unasked. */
      readonly checksum?: number | null | undefined;
    }
  | { readonly type: 'loadFailed'; readonly session: number }
  /** Everything that had arrived when `flushSoon` was asked for was handed in. */
  | { readonly type: 'flush' }
  | { readonly type: 'appended' }
  /** `duplicate`: another owner wrote this version. `unavailable`: whether the batch is in the log is unknown. */
  | { readonly type: 'appendFailed'; readonly reason: 'duplicate' | 'unavailable' }
  | { readonly type: 'checkpointed'; readonly version: number }
  | { readonly type: 'checkpointFailed' }
  | { readonly type: 'timer'; readonly name: DocumentTimer }
  /** The store has another title; a version that is not newer than the known one is ignored. */
  | {
      readonly type: 'renamed';
      readonly title: string;
      readonly titleVersion: number;
      /** Null for a renaming without an id. */
      readonly renameId: RenameId | null;
    }
  | { readonly type: 'personRenamed'; readonly userId: string; readonly name: string }
  /** Who may do what changed, or was read again; an older list than the known one is ignored. */
  | { readonly type: 'accessChanged'; readonly access: DocumentAccess }
  /** The document was purged from the store. */
  | { readonly type: 'removed' }
  /**
   * An edit that came by the REST API: consecutive operations, the first for the text at `baseVersion`.
   * They are committed together, or not at all.
   */
  | {
      readonly type: 'edit';
      readonly ticket: number;
      readonly userId: string;
      readonly atMost: Asker['atMost'];
      /** Of the API in this process, or of this edit alone (`once`). */
      readonly clientId: ClientId;
      /**
       * Set for a client id that belongs to this edit alone: an edit sent again is answered by where the log has it.
       * What the store knows of that client, read after the document was opened.
       */
      readonly once?: { readonly position: ClientPosition | null };
      readonly condition?: EditCondition;
      readonly baseVersion: number;
      readonly operations: readonly TextOperation[];
    }
  /** The text is read: stay in memory for a while. */
  | { readonly type: 'read' }
  /** Memory is short: an empty document leaves it at once, without waiting for the idle timer. */
  | { readonly type: 'release' }
  /** Finish what was taken in, checkpoint, send all sessions elsewhere, leave memory. */
  | { readonly type: 'stop' };

/**
 * What must hold at the moment an edit is taken in, when nothing can come between any more.
 * `unchanged`: nothing was taken in since `version`. `own`: since `version`, only the author wrote, and only by
 * the API, so that nothing of others can be replaced unseen.
 */
export type EditCondition =
  | { readonly kind: 'unchanged'; readonly version: number }
  | { readonly kind: 'own'; readonly version: number };

/** Why an edit by the REST API was not committed. `conflict`: too much was written since its base. */
export type EditRejection =
  | OperationFault
  | 'changedMeanwhile'
  | 'othersWrote'
  | 'documentTooLarge'
  | 'invalidBaseVersion'
  | 'readOnly'
  | 'conflict'
  | 'storeUnavailable';

export type DocumentEffect =
  /** To be answered by `flush` when what has arrived by now was handed in, so that it is one batch. */
  | { readonly type: 'flushSoon' }
  /** To be answered by `appended` or `appendFailed`; one at a time. */
  | { readonly type: 'append'; readonly batch: Batch }
  /**
   * The client's position, the operations from `afterVersion + 1` to `untilVersion` if they take at most `bytesMax`,
   * and, unless null, the one that produced `entryVersion` and the checksum of the text at `checksumVersion`.
   */
  | {
      readonly type: 'load';
      readonly session: number;
      readonly clientId: ClientId;
      readonly epoch: number;
      readonly userId: string;
      readonly afterVersion: number;
      readonly untilVersion: number;
      readonly bytesMax: number;
      readonly entryVersion: number | null;
      readonly checksumVersion: number | null;
    }
  /**
   * What this owner knows beside the text: a notification may have been lost, or a change made that the store had
   * reported as failed. To be answered by `accessChanged` when the access epoch in the store is another, by `renamed`
   * when the title is, by `removed` when there is no such document.
   */
  | ({ readonly type: 'recheck' } & DocumentRevision)
  /** The edit of that ticket is durable, its last operation at this version. */
  | { readonly type: 'edited'; readonly ticket: number; readonly version: number }
  | {
      readonly type: 'editRejected';
      readonly ticket: number;
      readonly code: EditRejection;
    }
  | { readonly type: 'send'; readonly session: number; readonly message: ServerMessage }
  /** The same frame for every session that joined, except some. */
  | {
      readonly type: 'broadcast';
      readonly message: ServerMessage;
      readonly except: ReadonlySet<number>;
    }
  /** From here on, broadcasts go to this session too. */
  | { readonly type: 'joined'; readonly session: number }
  /** From here on, they do not: a connection without a session receives no broadcasts (I7). */
  | { readonly type: 'unjoined'; readonly session: number }
  /** The client came back so often in a row with nothing received and nothing acknowledged. */
  | { readonly type: 'joinedInVain'; readonly clientId: ClientId; readonly times: number }
  /** A client reports that its text is not the log's; whether the log proves it (divergence.ts). */
  | {
      readonly type: 'divergence';
      readonly session: number;
      readonly clientId: ClientId;
      readonly isProven: boolean;
    }
  /** Nothing more is sent to this session; its connection may be closed. */
  | { readonly type: 'dismissed'; readonly session: number }
  /** To be answered by `checkpointed` or `checkpointFailed`; one at a time. */
  | {
      readonly type: 'checkpoint';
      readonly version: number;
      readonly text: DocumentText;
      /** Undefined for none. */
      readonly effectState: EffectState | undefined;
    }
  | { readonly type: 'startTimer'; readonly name: DocumentTimer; readonly ms: number }
  /** The state was given up: forget the owner; the next join opens the document from the store. */
  | { readonly type: 'unload' };
