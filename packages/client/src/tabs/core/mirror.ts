/**
 * The text of a document in a tab that does not lead: the leader's, with what was typed here since on top, until
 * this tab leads and can hand it to the session. Pure functions over a buffer.
 */
import { DocumentText, isNoOperation, type TextOperation } from '@concord/ot';
import * as buffers from '../../core/buffer.ts';
import type { Buffer, Changed } from '../../core/buffer.ts';

export class Mirror {
  #buffer: Buffer;
  /** Changes received since the leader told everything; -1 before it did. */
  #count = -1;

  constructor(text: DocumentText = DocumentText.empty) {
    this.#buffer = { ...buffers.emptyBuffer, confirmed: text, visible: text };
  }

  get visible(): DocumentText {
    return this.#buffer.visible;
  }
  /** The leader's text, without what was typed here. */
  get base(): DocumentText {
    return this.#buffer.confirmed;
  }
  /** Typed here, and not handed to a session yet. */
  get typed(): TextOperation {
    return this.#buffer.pending;
  }
  get typedEdits(): number {
    return this.#buffer.pendingEdits;
  }
  /** The leader has told everything once. */
  get isFollowing(): boolean {
    return this.#count >= 0;
  }

  /** Typed here, `edits` composed. Throws OperationOutOfRangeError when it does not fit. */
  edit(operation: TextOperation, edits = 1): void {
    this.#buffer = buffers.edit(this.#buffer, operation, edits);
  }

  /** The leader's whole text. Returns what changes in the visible one; what was typed here stays. */
  replaced(text: DocumentText, count: number): TextOperation {
    this.#count = count;
    const snapshot = { version: 0, text, operation: null };
    return this.#take(buffers.adoptSnapshot(this.#buffer, snapshot, false));
  }

  /** Returns null when a change was missed: everything must be told again. */
  changed(operation: TextOperation, count: number): TextOperation | null {
    if (count !== this.#count + 1) return null;
    this.#count = count;
    return this.#take(buffers.receive(this.#buffer, operation, 0, []));
  }

  /** Whether anything waits for this tab to lead. */
  get isWaiting(): boolean {
    return !isNoOperation(this.#buffer.pending);
  }

  #take({ buffer, visibleOperation }: Changed): TextOperation {
    this.#buffer = buffer;
    return visibleOperation;
  }
}
