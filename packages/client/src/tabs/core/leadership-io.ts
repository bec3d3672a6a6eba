/**
 * What goes into the leadership of a tab and what comes out of it. An adapter feeds the inputs in (messages, lock,
 * replica, timers, person) and carries out the effects in their order.
 */
import type { DocumentText, TextOperation } from '@concord/ot';
import type { Person, Role } from '@concord/protocol';
import type { Merge } from '../../core/merge.ts';
import type { Replica } from '../../core/replica.ts';
import type { Selection } from '../../core/session-messages.ts';
import type {
  DocumentStatus,
  EditRefused,
  TextChanged,
  VisibleCaret,
} from '../../document-client-api.ts';
import type { TabMessage, TypedTitle } from './tab-messages.ts';

/** What is read of the session that this tab leads with. It is changed by effects only. */
export interface LedSession {
  readonly documentText: DocumentText;
  readonly status: DocumentStatus;
  readonly title: string;
  readonly isTitleKnown: boolean;
  readonly isTitleSaved: boolean;
  readonly people: readonly Person[];
  readonly peopleTotal: number;
  readonly self: number;
  readonly role: Role | null;
  readonly version: number;
  readonly unsent: number;
  readonly visibleCarets: readonly VisibleCaret[];
}

export type LeadershipTimer = 'look' | 'answer' | 'doubt' | 'handOver' | 'succeed';

export type LeadershipInput =
  /** The page was opened. */
  | { readonly type: 'start' }
  /** Whether the person looks at this tab; told before each input for which that matters. */
  | { readonly type: 'looked'; readonly isLookedAt: boolean }
  /** This tab should lead: the person looks at it, or something waits for its session. */
  | { readonly type: 'want' }
  | { readonly type: 'edit'; readonly operation: TextOperation }
  | { readonly type: 'rename'; readonly title: string; readonly base: string }
  | { readonly type: 'select'; readonly selection: Selection | null }
  | { readonly type: 'message'; readonly message: TabMessage }
  /** Answers to the effect `take`. `lockLost` may come after `lockTaken`: another tab took the lock by force. */
  | { readonly type: 'lockTaken' }
  | { readonly type: 'lockDenied' }
  | { readonly type: 'lockLost'; readonly attempt: number }
  /** Answers to `load` and `discard`. `firstCount` is drawn at random: see `text` and `change`. */
  | { readonly type: 'loaded'; readonly session: LedSession; readonly firstCount: number }
  | { readonly type: 'loadFailed' }
  | { readonly type: 'discarded' }
  /** Events of the session that this tab leads with. */
  | { readonly type: 'changed'; readonly change: TextChanged }
  | { readonly type: 'refused'; readonly refused: EditRefused }
  | { readonly type: 'merged'; readonly merge: Merge }
  | { readonly type: 'stateChanged' }
  | { readonly type: 'opened' }
  /** Answers to `flush`, `settle` and `end`. */
  | { readonly type: 'flushed'; readonly isWritten: boolean }
  /** `kept`: as the device has the replica; `now`: as the session has it, with nothing being written any more. */
  | { readonly type: 'settled'; readonly kept: Replica; readonly now: Replica }
  | { readonly type: 'ended' }
  /** The session was replaced by one of another history, into which the copy of the former one was merged. */
  | {
      readonly type: 'replaced';
      readonly session: LedSession;
      readonly copy: DocumentText;
      readonly server: DocumentText;
      /** Leads from `copy` to `server`. */
      readonly toServer: TextOperation;
      /** Leads from `server` to the text of the new session. */
      readonly merged: TextOperation;
      readonly merge: Merge | null;
      readonly firstCount: number;
    }
  | { readonly type: 'timer'; readonly name: LeadershipTimer }
  /** The page goes away; its lock is free in a moment. */
  | { readonly type: 'pageGone' }
  | { readonly type: 'close' };

export type LeadershipEffect =
  | { readonly type: 'post'; readonly message: TabMessage }
  /** Posts `shown` as it is when this is carried out. */
  | { readonly type: 'postState' }
  /**
   * Answered by `lockTaken` or `lockDenied`. `ifFree` is denied when another tab holds the lock. `wait` waits for
   * some seconds, then takes it by force, unless `mayForce` forbids that.
   */
  | { readonly type: 'take'; readonly how: 'ifFree' | 'wait'; readonly attempt: number }
  | { readonly type: 'release' }
  /** Loads the replica, or begins one, and runs it. `former`: how the tab was connected that led before. */
  | { readonly type: 'load'; readonly former: 'online' | 'offline' | undefined }
  /** The session that was loaded is the tab's from here on, with what was typed meanwhile. Its events are inputs. */
  | {
      readonly type: 'run';
      readonly typed: TextOperation | null;
      readonly edits: number;
      readonly title: TypedTitle | null;
      readonly selection: Selection | null;
    }
  /** Closes the session that was loaded. */
  | { readonly type: 'discard' }
  /** Writes the queue, so that the lead can be handed over. */
  | { readonly type: 'flush' }
  /** Closes the session, which is the tab's no longer. */
  | { readonly type: 'settle' }
  /** Closes the session, if there is one, as the last thing. */
  | { readonly type: 'end' }
  /** `remote`: typed in another tab, so that this one's editor has to be told of it. */
  | {
      readonly type: 'edit';
      readonly operation: TextOperation;
      readonly origin: 'local' | 'remote';
    }
  | { readonly type: 'rename'; readonly title: string; readonly base: string }
  | { readonly type: 'select'; readonly selection: Selection | null }
  | { readonly type: 'show'; readonly change: TextChanged }
  | { readonly type: 'showRefused'; readonly refused: EditRefused }
  | { readonly type: 'showMerge'; readonly merge: Merge }
  /** Tells listeners what of `shown` is news when this is carried out. */
  | { readonly type: 'tell' }
  | { readonly type: 'showOpened' }
  | { readonly type: 'closed' }
  | { readonly type: 'startTimer'; readonly name: LeadershipTimer; readonly ms: number }
  | { readonly type: 'cancelTimer'; readonly name: LeadershipTimer };
