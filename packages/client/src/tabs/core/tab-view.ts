/**
 * What one tab shows of a document: its session's text and state while it leads; else the leader's, with what was typed
 * here since on top.
 */
import { DocumentText, mergeTitles, type TextOperation } from '@concord/ot';
import { TITLE_CHARACTERS, type Role } from '@concord/protocol';
import type { Selection } from '../../core/session-messages.ts';
import type { DocumentStatus, TextChanged } from '../../document-client-api.ts';
import type { LeadershipEffect, LedSession } from './leadership-io.ts';
import { Mirror } from './mirror.ts';
import type { HandOffEdits, SharedState, TypedTitle } from './tab-messages.ts';
import { statusWhileTaking, statusWithTyped } from './tab-status.ts';

/** Of a tab that was told nothing yet. */
export const unknownState: SharedState = {
  status: { kind: 'opening' },
  title: '',
  isTitleKnown: false,
  isTitleSaved: true,
  people: [],
  peopleTotal: 0,
  self: -1,
  role: null,
  version: 0,
  unsent: 0,
  carets: [],
};

/** What is read of a view from outside. */
export type ShownView = Pick<
  TabView,
  | 'documentText'
  | 'status'
  | 'title'
  | 'isTitleSaved'
  | 'present'
  | 'role'
  | 'version'
  | 'unsent'
  | 'shown'
  | 'typed'
  | 'isWaiting'
>;

/** In a tab that did not lead, for the session that it leads with. */
type WhatWasDone = Omit<Extract<LeadershipEffect, { readonly type: 'run' }>, 'type'>;

export class TabView {
  /** Of the tab that leads. */
  session: LedSession | null = null;
  mirror = new Mirror();
  /** As the leader told it; of a tab that leads, as the one before it did. */
  #state: SharedState = unknownState;
  #titleTyped: TypedTitle | null = null;
  /** The newest count that a leader told; null when none did. */
  leaderCount: number | null = null;
  /** Handed off since the leader told its text last: whether it has them is not known, so they count as unsaved. */
  #handedOffEdits = 0;

  get documentText(): DocumentText {
    return this.session?.documentText ?? this.mirror.visible;
  }
  get status(): DocumentStatus {
    const { status } = this.#state;
    if (this.session !== null) return statusWhileTaking(this.session.status, status, this.unsent);
    return statusWithTyped(status, this.isWaiting || this.#handedOffEdits > 0, this.unsent);
  }
  get title(): string {
    return this.#titleTyped?.title ?? this.session?.title ?? this.#state.title;
  }
  get isTitleKnown(): boolean {
    if (this.#titleTyped !== null) return true;
    return this.session?.isTitleKnown ?? this.#state.isTitleKnown !== false;
  }
  get isTitleSaved(): boolean {
    return this.#titleTyped === null && (this.session?.isTitleSaved ?? this.#state.isTitleSaved);
  }
  get role(): Role | null {
    return this.session?.role ?? this.#state.role;
  }
  get version(): number {
    return this.session?.version ?? this.#state.version;
  }
  get unsent(): number {
    const typed = this.mirror.typedEdits + this.#handedOffEdits;
    return this.session?.unsent ?? this.#state.unsent + typed;
  }
  /** Who is here: before the first join, as the former leader knew it. */
  get present(): Pick<SharedState, 'people' | 'peopleTotal' | 'self'> {
    return this.session === null || this.session.role === null ? this.#state : this.session;
  }
  get shown(): SharedState {
    const { status, title, isTitleKnown, isTitleSaved, role, version, unsent } = this;
    const { people, peopleTotal, self } = this.present;
    const carets = this.session?.visibleCarets ?? this.#state.carets;
    const about = { status, title, isTitleKnown, isTitleSaved, role, version, unsent };
    return { ...about, people, peopleTotal, self, carets };
  }

  /** What was typed here and no session has yet, beside a title. */
  get typed(): TextOperation {
    return this.session === null ? this.mirror.typed : [];
  }

  /** Something was typed here that no session has yet. */
  get isWaiting(): boolean {
    return this.session === null && (this.mirror.isWaiting || this.#titleTyped !== null);
  }

  /** How the tab is connected that leads, as far as this one knows; none when none is known. */
  get former(): 'online' | 'offline' | undefined {
    const { kind } = this.#state.status;
    if (kind === 'opening') return undefined;
    return kind === 'offline' ? 'offline' : 'online';
  }

  /** Typed into a tab that does not lead. Throws OperationOutOfRangeError when it does not fit. */
  type(operation: TextOperation): TextChanged {
    const before = this.mirror.visible;
    this.mirror.edit(operation);
    return { before, after: this.mirror.visible, operation, origin: 'local' };
  }

  /** A title given in a tab that does not lead. */
  rename(title: string, base: string): void {
    // Before a title is known here, it is typed over the one that the page showed.
    const shown = this.isTitleKnown ? this.title : base;
    const merged = mergeTitles(base, title, shown, TITLE_CHARACTERS);
    this.#titleTyped = { base: this.#titleTyped?.base ?? shown, title: merged };
  }

  /** Takes out what was typed here; null when there is nothing. The mirror goes on showing it. */
  takeTyped(): HandOffEdits | null {
    if (!this.isWaiting) return null;
    const { base, typed: operation, typedEdits: edits, visible } = this.mirror;
    const title = this.#titleTyped;
    this.mirror = new Mirror(visible);
    this.#titleTyped = null;
    this.#handedOffEdits += Math.max(edits, 1);
    const to = this.leaderCount === null ? {} : { to: this.leaderCount };
    return { type: 'handOffEdits', base: base.toString(), operation, edits, title, ...to };
  }

  /** What was typed in another tab, as an edit of the text that is shown here; null when nothing is left of it. */
  adopted({ base, operation }: HandOffEdits): TextOperation | null {
    const typed = new Mirror(DocumentText.from(base));
    typed.edit(operation);
    typed.replaced(this.documentText, 0);
    return typed.isWaiting ? typed.typed : null;
  }

  /** The leader's whole text. Returns how the visible one changes; null when it does not. */
  replaced(text: DocumentText, count: number): TextChanged | null {
    const before = this.mirror.visible;
    this.#handedOffEdits = 0;
    return this.#changed(before, this.mirror.replaced(text, count));
  }

  /** A change of the leader's text. Returns whether one was missed, or how the visible text changes. */
  followed(operation: TextOperation, count: number): 'missed' | TextChanged | null {
    const before = this.mirror.visible;
    const shown = this.mirror.changed(operation, count);
    if (shown !== null) this.leaderCount = count;
    return shown === null ? 'missed' : this.#changed(before, shown);
  }

  /** Typed elsewhere, and shown in the mirror until this tab leads. */
  typedElsewhere(operation: TextOperation): TextChanged | null {
    const before = this.mirror.visible;
    this.mirror.edit(operation);
    return this.#changed(before, operation);
  }

  told(state: SharedState): void {
    this.#state = state;
    if (this.#titleTyped === null || state.isTitleKnown === false) return;
    // Over the title that the leader has now.
    const { base, title } = this.#titleTyped;
    const moved = mergeTitles(base, title, state.title, TITLE_CHARACTERS);
    this.#titleTyped = moved === state.title ? null : { base: state.title, title: moved };
  }

  /** The session takes over, with what was typed here, which is returned. */
  lead(session: LedSession, selected: Selection | null): WhatWasDone {
    const { isWaiting, typed, typedEdits: edits, visible } = this.mirror;
    const title = this.#titleTyped;
    this.mirror = new Mirror();
    this.#titleTyped = null;
    this.session = session;
    const selection = within(selected, visible.lengthCodePoints);
    return { typed: isWaiting ? typed : null, edits, title, selection };
  }

  /** The session is the tab's no longer: what it showed is shown on. */
  stepDown(session: LedSession): void {
    this.#state = { ...this.shown, carets: [] };
    this.mirror = new Mirror(session.documentText);
    this.session = null;
  }

  #changed(before: DocumentText, operation: TextOperation): TextChanged | null {
    if (operation.length === 0) return null;
    return { before, after: this.mirror.visible, operation, origin: 'remote' };
  }
}

/** A caret that was placed before the text changed is near where it was, never outside. */
function within(selection: Selection | null, length: number): Selection | null {
  if (selection === null) return null;
  const { anchor, head } = selection;
  return { anchor: Math.min(anchor, length), head: Math.min(head, length) };
}
