/**
 * Binds an editor to a document client. The editor counts UTF-16 units, operations count code points.
 *
 *   local edits ──transaction──▶ changes ──operationFromChanges──▶ client.edit
 *   remote edits ──change event─▶ changesFromOperation ──▶ transaction, annotated, outside the undo history
 *
 * Invariant: after every transaction the editor's text is the client's text. Two things could break it.
 * A line separator: the editor must be configured with {@link documentLines}, or `\r` would be taken for a
 * line break and counted differently. A lone surrogate: operations cannot carry it and write U+FFFD instead, as
 * `well-formed-input.ts` does in the editor; where that filter was bypassed, the editor's text is repaired here.
 */
import type { DocumentClient, TextChanged } from '@concord/client';
import type { DocumentText, TextChange } from '@concord/ot';
import {
  Annotation,
  EditorState,
  Transaction,
  type ChangeSpec,
  type Extension,
  type TransactionSpec,
} from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { authorOfChange } from './remote-carets.ts';
import { mayLeaveHalves } from './well-formed-input.ts';

/** Marks transactions that apply changes from the client, which must not be sent back to it. */
const fromClient = Annotation.define<true>();

/** Only `\n` ends a line; a carriage return is a character like any other. */
export const documentLines: Extension = EditorState.lineSeparator.of('\n');

/** The part of the client that a binding needs. */
export type EditableClient = Pick<DocumentClient, 'documentText' | 'edit' | 'on' | 'setSelection'>;

/** An EditorView, or in tests a plain state. */
export interface EditorHost {
  readonly state: EditorState;
  dispatch(spec: TransactionSpec): void;
}

export class ClientBinding {
  readonly #client: EditableClient;
  readonly #host: EditorHost;
  readonly #stopListening: () => void;
  /** The editor's text. The client's may be newer while it emits several changes in turn. */
  #text: DocumentText;

  /** The host's state must have been created from the client's current text. */
  constructor(client: EditableClient, host: EditorHost) {
    this.#client = client;
    this.#host = host;
    this.#text = client.documentText;
    this.#stopListening = client.on('change', (change) => this.#receive(change));
  }

  get text(): DocumentText {
    return this.#text;
  }

  /** To be called after the host applied transactions, in order. */
  transactionsApplied(transactions: readonly Transaction[]): void {
    let mayHoldHalves = false;
    for (const transaction of transactions) {
      if (!transaction.docChanged || transaction.annotation(fromClient) === true) continue;
      const changes = textChanges(transaction);
      this.#client.edit(this.#text.operationFromChanges(changes));
      this.#text = this.#client.documentText;
      mayHoldHalves ||= mayLeaveHalves(transaction);
    }
    if (mayHoldHalves || this.#host.state.doc.length !== this.#text.lengthUtf16) this.#repair();
  }

  /** Reports the own selection to the client; null when the editor lost focus. */
  selectionChanged(hasFocus: boolean): void {
    if (!hasFocus) return this.#client.setSelection(null);
    const { anchor, head } = this.#host.state.selection.main;
    this.#client.setSelection({
      anchor: this.#text.codePointFromUtf16(anchor),
      head: this.#text.codePointFromUtf16(head),
    });
  }

  close(): void {
    this.#stopListening();
  }

  #receive(change: TextChanged): void {
    // Local edits originate in this editor: a client has exactly one editor.
    if (change.origin === 'local') return;
    const changes = change.before.changesFromOperation(change.operation);
    this.#text = change.after;
    this.#show(changes, change.author, change.mayUndo);
    if (this.#host.state.doc.length !== this.#text.lengthUtf16) this.#repair();
  }

  #show(changes: readonly ChangeSpec[], author?: string, mayUndo = false): void {
    this.#host.dispatch({
      changes,
      annotations: [
        fromClient.of(true),
        // Undo reverts own edits only.
        Transaction.addToHistory.of(mayUndo),
        Transaction.remote.of(true),
        ...(author === undefined ? [] : [authorOfChange.of(author)]),
      ],
      // No filter may reject the client's text, not even that of a read-only editor.
      filter: false,
    });
  }

  /** Replaces the parts where the editor's text differs from the client's. Reads the whole text; rarely needed. */
  #repair(): void {
    const shown = this.#host.state.doc.toString();
    const wanted = this.#text.toString();
    if (shown === wanted) return;
    const shortest = Math.min(shown.length, wanted.length);
    let start = 0;
    while (start < shortest && shown[start] === wanted[start]) start++;
    let end = 0;
    while (end < shortest - start && shown.at(-1 - end) === wanted.at(-1 - end)) end++;
    this.#show([
      { from: start, to: shown.length - end, insert: wanted.slice(start, wanted.length - end) },
    ]);
  }
}

/** A transaction's changes in UTF-16 units of the text before it, ascending. */
function textChanges(transaction: Transaction): TextChange[] {
  const changes: TextChange[] = [];
  transaction.changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    changes.push({ from, to, insert: inserted.toString() });
  }, true);
  return changes;
}

/** Pasted text may have other line breaks; the document has `\n`. */
export const pastedLineBreaks: Extension = EditorView.clipboardInputFilter.of((text) =>
  text.replace(/\r\n?/g, '\n'),
);
