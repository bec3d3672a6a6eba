/** What applications see of a document: the editor, bots, benchmarks and tests all use this. */
import type { DocumentText, TextOperation } from '@concord/ot';
import type { Person, RejectionCode, Role } from '@concord/protocol';
import type { Merge } from './core/merge.ts';

/** What the status line says; the wording for each is in apps/web/src/i18n/status-messages.ts. */
export type DocumentStatus =
  | { readonly kind: 'opening' }
  | { readonly kind: 'saved' }
  /** Sent, not acknowledged; `slow` after about a second. */
  | { readonly kind: 'saving'; readonly slow: boolean }
  /** Connection gone for less than the offline delay; `slow` after about three seconds. */
  | { readonly kind: 'reconnecting'; readonly unsent: number; readonly slow: boolean }
  | { readonly kind: 'offline'; readonly unsent: number }
  | { readonly kind: 'syncing'; readonly unsent: number }
  | { readonly kind: 'merged'; readonly merged: number }
  /** `unsent`: made while one might still write; kept on this device, and sent if one may again. */
  | { readonly kind: 'viewOnly'; readonly unsent: number }
  | { readonly kind: 'savingPaused' }
  /** The server stores nothing more of this person for now; `detail` says why, and what to do. */
  | { readonly kind: 'quotaExceeded'; readonly unsent: number; readonly detail: string }
  | { readonly kind: 'storageBlocked' }
  /** Connected; the device does not answer, so that `unsent` is in this page alone until the server has it. */
  | { readonly kind: 'notKept'; readonly unsent: number }
  | { readonly kind: 'stopped'; readonly code: string; readonly detail: string };

/**
 * All that a page shows of an open document apart from its text. Immutable: `DocumentClient.view` is the same object, and
 * so is each attribute of it, until something changes. Filled in document-view.ts.
 */
export interface DocumentView {
  readonly status: DocumentStatus;
  /** As the person gave it, also before the server has it. */
  readonly title: string;
  /** False until the device or the server told a title: the page may show one that it read by the REST API. */
  readonly isTitleKnown: boolean;
  readonly isTitleSaved: boolean;
  readonly people: readonly Person[];
  /** How many are present in all: `people` names at most a hundred. */
  readonly peopleTotal: number;
  /** Own session number among the people; -1 before the first join. */
  readonly self: number;
  /** Null before the first join. */
  readonly role: Role | null;
  /** Version of the confirmed text. */
  readonly version: number;
  /** Edits not yet acknowledged. */
  readonly unsent: number;
  /** False for a document that was made on this device, until the server has it. */
  readonly isOnServer: boolean;
}

/** A change of the visible text. */
export interface TextChanged {
  readonly before: DocumentText;
  readonly after: DocumentText;
  readonly operation: TextOperation;
  /** `local` for edits made through this client, `remote` for everybody else's and for corrections. */
  readonly origin: 'local' | 'remote';
  /** User id of the author, when one person made it. */
  readonly author?: string;
  /** The person asked for it, and may take it back as if typed. */
  readonly mayUndo?: true;
}

/** Somebody else's caret, in code points of the visible text. */
export interface VisibleCaret {
  readonly person: Person;
  readonly anchor: number;
  readonly head: number;
}

/** An own edit that the owner would not commit. It left the text; here it is, to be shown and copied. */
export interface EditRefused {
  readonly code: RejectionCode;
  readonly detail: string;
  readonly lostText: string;
}

/**
 * What happens, as opposed to what is so (`DocumentView`). Within one change of state: `change` may come after `carets`
 * that already count with it.
 */
export interface DocumentClientEvents {
  readonly change: (change: TextChanged) => void;
  readonly carets: (carets: readonly VisibleCaret[]) => void;
  /** Edits made while away are in the log, beside what others wrote meanwhile. */
  readonly merge: (merge: Merge) => void;
  readonly refused: (refused: EditRefused) => void;
}

export interface DocumentClient {
  /** The visible text: confirmed, plus what is in flight, plus what is pending. */
  readonly documentText: DocumentText;
  readonly text: string;
  /** As it is now. */
  readonly view: DocumentView;
  /**
   * Calls the listener when the view is another, once for all that one step changes in it; returns the function that
   * stops it. As React's `useSyncExternalStore` asks for: `(client.subscribe, () => client.view)`.
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** Applies an operation to the visible text and queues it. Throws RangeError if it does not fit. */
  edit(operation: TextOperation): void;
  /** Positions and counts in code points. */
  insert(position: number, text: string): void;
  remove(position: number, count: number): void;
  /**
   * Gives another title: kept on the device at once, sent when there is a connection, and merged with what others
   * make of the title meanwhile.
   * @param base the title it was made from, when that may not be the present one
   */
  rename(title: string, base?: string): void;
  /** Own caret, in code points of the visible text; null when the editor lost focus. */
  setSelection(selection: { readonly anchor: number; readonly head: number } | null): void;
  /** Returns the function that stops listening. */
  on<E extends keyof DocumentClientEvents>(event: E, listener: DocumentClientEvents[E]): () => void;
  /** Resolves once the text was received for the first time (or loaded from the queue). */
  whenOpen(): Promise<void>;
  /**
   * Resolves when everything edited so far is durably acknowledged. Rejects with EditRefusedError when an edit is
   * refused meanwhile, with ClientStoppedError when the client stopped. Edits refused before are told by `refused`.
   */
  whenSynchronized(): Promise<void>;
  /** Writes the queue and disconnects. What is unsent stays on the device. */
  close(): Promise<void>;
}
