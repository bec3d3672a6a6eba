/**
 * What goes into a session and what comes out of it. An adapter feeds the inputs in (transport, device, clock, person)
 * and carries out the effects in their order; the session itself does neither.
 */
import type { DocumentText, Effect, EffectState, TextOperation } from '@concord/ot';
import type {
  ClientMessage,
  Head,
  OperationIdentity,
  RejectionCode,
  RenameId,
  ServerMessage,
} from '@concord/protocol';
import type { Merge } from './merge.ts';
import type { Replica } from './replica.ts';
import type { Rename, VersionedTitle } from './title.ts';

export type TimerName =
  | 'save'
  | 'freeze'
  | 'device'
  | 'acknowledgement'
  | 'join'
  | 'retry'
  | 'steady'
  | 'probe'
  | 'presence'
  | 'rename'
  | 'slowSaving'
  | 'slowConnecting'
  | 'offline'
  | 'merged';

export type SessionInput =
  /**
   * `former`: how the tab was connected that this one goes on for; none for a page that was just opened.
   * `isWithoutDevice`: the device did not answer when the page was opened, and nothing of it is known.
   */
  | {
      readonly type: 'start';
      readonly former?: 'online' | 'offline' | undefined;
      readonly isWithoutDevice?: boolean | undefined;
    }
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected' }
  /** The device believes that it has a network again, or none any more. */
  | { readonly type: 'networkBack' }
  | { readonly type: 'networkGone' }
  | { readonly type: 'message'; readonly message: ServerMessage }
  /** `edits`: of how many it is composed; 1 when left out. */
  | {
      readonly type: 'edit';
      readonly operation: TextOperation;
      readonly edits?: number;
      /** Made with it, in the text that it makes; see docs/protocol.md#effects. */
      readonly effects?: readonly Effect[] | undefined;
    }
  /** See `TitleQueue.type`. */
  | {
      readonly type: 'rename';
      readonly title: string;
      readonly id: RenameId;
      readonly base?: string;
    }
  /** Answers to the effects `rename` and `create`. What is not final is tried again. */
  | ({ readonly type: 'renamed'; readonly id: RenameId } & VersionedTitle)
  | { readonly type: 'renameFailed'; readonly id: RenameId; readonly isFinal: boolean }
  | { readonly type: 'created' }
  | {
      readonly type: 'createFailed';
      readonly isFinal: boolean;
      readonly code: string;
      readonly detail: string;
    }
  | { readonly type: 'select'; readonly selection: Selection | null }
  | { readonly type: 'saved'; readonly ticket: number }
  | { readonly type: 'saveFailed'; readonly ticket: number }
  /** The device took away what it kept. */
  | { readonly type: 'storageLost' }
  /** Another tab took the replica over: this session ends, and sends nothing any more. */
  | { readonly type: 'superseded' }
  /** `operation` leads from the version asked for to this one; null when the server could not tell. */
  | {
      readonly type: 'snapshot';
      readonly version: number;
      readonly text: DocumentText;
      readonly historyId: string | null;
      readonly head: OperationIdentity | null;
      readonly operation: TextOperation | null;
      /** What effects had led to; null for nothing, left out when that is not told. */
      readonly effectState?: EffectState | null | undefined;
    }
  | { readonly type: 'snapshotFailed'; readonly detail: string }
  | { readonly type: 'timer'; readonly name: TimerName }
  /** Write the queue now: the page may go away. */
  | { readonly type: 'suspend' }
  | { readonly type: 'close' };

export type SessionEffect =
  /** After a delay chosen at random between the two (full jitter). */
  | { readonly type: 'connect'; readonly minDelayMs: number; readonly maxDelayMs: number }
  /** As `connect`, for a document that the server does not have yet: it is made there first. */
  | { readonly type: 'create'; readonly minDelayMs: number; readonly maxDelayMs: number }
  | { readonly type: 'disconnect' }
  | { readonly type: 'rename'; readonly rename: Rename }
  | { readonly type: 'send'; readonly message: ClientMessage }
  /** Writes happen in the order of their tickets; each is answered by `saved` or `saveFailed`. */
  | {
      readonly type: 'save';
      readonly replica: Replica;
      readonly durability: 'strict' | 'relaxed';
      readonly ticket: number;
    }
  | { readonly type: 'startTimer'; readonly name: TimerName; readonly ms: number }
  | { readonly type: 'cancelTimer'; readonly name: TimerName }
  /** And, unless null, the operation that leads there from `afterVersion`. */
  | {
      readonly type: 'fetchSnapshot';
      readonly atLeastVersion: number;
      readonly afterVersion: number | null;
      /** What the client has: the snapshot must be of the same history. Null when it has nothing, or cannot say. */
      readonly head: Head | null;
    }
  | {
      readonly type: 'changed';
      readonly before: DocumentText;
      readonly after: DocumentText;
      readonly operation: TextOperation;
      readonly origin: 'local' | 'remote';
      readonly author: string | null;
    }
  | {
      readonly type: 'editRefused';
      readonly code: RejectionCode;
      readonly detail: string;
      readonly lostText: string;
    }
  /** The owner would not take these in. The text that they came with is sent again without them. */
  | {
      readonly type: 'effectsRefused';
      readonly detail: string;
      readonly effects: readonly Effect[];
    }
  | { readonly type: 'peopleChanged' }
  | { readonly type: 'caretsChanged' }
  | { readonly type: 'titleChanged' }
  | { readonly type: 'roleChanged' }
  /** Edits made while away are in the log, beside what others had written meanwhile. */
  | { readonly type: 'merged'; readonly merge: Merge }
  /** The device's row was overtaken. Its text is dropped when the server's has all of it; else it waits for its author. */
  | {
      readonly type: 'overtaken';
      readonly copy: DocumentText;
      readonly server: DocumentText;
      readonly isDropped: boolean;
    }
  | { readonly type: 'diverged' };

/** Code points of the visible text. */
export interface Selection {
  readonly anchor: number;
  readonly head: number;
}

export type ConnectionState = 'offline' | 'preparing' | 'joining' | 'live' | 'stopped';

/** The input that answers `fetchSnapshot`. */
export type FetchedSnapshot = Extract<SessionInput, { readonly type: 'snapshot' }>;
