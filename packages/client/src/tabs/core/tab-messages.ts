/** What the tabs of one browser that show one document tell each other. */
import type { TextOperation } from '@concord/ot';
import type { Person, Role } from '@concord/protocol';
import type { DocumentStatus, EditRefused, VisibleCaret } from '../../document-client-api.ts';

/** What a tab shows besides the text, as its leader has it. */
export interface SharedState {
  readonly status: DocumentStatus;
  readonly title: string;
  /** False when neither the device nor the server told the title yet. Absent from tabs of former builds. */
  readonly isTitleKnown?: boolean;
  readonly isTitleSaved: boolean;
  readonly people: readonly Person[];
  readonly peopleTotal: number;
  readonly self: number;
  readonly role: Role | null;
  readonly version: number;
  readonly unsent: number;
  readonly carets: readonly VisibleCaret[];
}

/** A title that was typed over another one. */
export interface TypedTitle {
  readonly base: string;
  readonly title: string;
}

/**
 * A mirror cannot wait for the lead: its page goes away, or the leader keeps it. The tab that it mirrors takes over what
 * was typed there. Fire and forget: the sender drops the edits after posting.
 */
export interface HandOffEdits {
  readonly type: 'handOffEdits';
  readonly base: string;
  /** Applies to `base`. */
  readonly operation: TextOperation;
  readonly edits: number;
  readonly title: TypedTitle | null;
  /**
   * A count of the leader that this is for (`leads`, `text`, `change`), so that of a leader and the one whose lead it took
   * over only one takes it. Absent when no leader told one, and from tabs of former builds.
   */
  readonly to?: number;
}

/** What a leader tells its mirrors. */
export type MirroredMessage =
  | { readonly type: 'text'; readonly text: string; readonly count: number }
  /** `count` tells whether one was missed. */
  | { readonly type: 'change'; readonly operation: TextOperation; readonly count: number }
  | { readonly type: 'state'; readonly state: SharedState }
  | { readonly type: 'refused'; readonly refused: EditRefused }
  | {
      readonly type: 'merge';
      readonly base: string;
      readonly mine: TextOperation;
      readonly theirs: TextOperation;
      readonly edits: number;
    };

export type TabMessage =
  /** This tab leads now: mirrors answer with `hello`. Tabs of former builds tell no count. */
  | { readonly type: 'leads'; readonly count?: number }
  /** A mirror begins, or missed something: the leader tells everything. */
  | { readonly type: 'hello' }
  | MirroredMessage
  /** The person looks at this tab, or types in it: the leader hands over. */
  | { readonly type: 'requestLead' }
  /** The leader cannot write the queue to the device, and keeps the lead for that reason. */
  | { readonly type: 'leadRefused' }
  | HandOffEdits
  /** The leader's page went away. */
  | { readonly type: 'leaderLeft' };
