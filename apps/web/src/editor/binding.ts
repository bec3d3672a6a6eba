/**
 * Binds an editor to a document client. The editor counts UTF-16 units, operations count code points.
 *
 *   person ──transaction──▶ changes ──operationFromChanges──▶ client.edit
 *   others ──change event─▶ changesFromOperation ──▶ transaction, marked, outside the undo history
 *
 * Invariant: after every transaction the editor's text is the client's text. Two things could break it.
 * A line separator: the editor must be configured with {@link documentLines}, or `\r` would be taken for a
 * line break and counted differently. Half a surrogate pair: operations cannot carry it and write U+FFFD
 * instead, as the editor does itself with `well-formed-input.ts`; where that was passed by, its text is repaired.
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

/** Marks transactions that show what the client has already; they are not sent to it again. */
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
  /** What the editor shows. The client may be further while it reports several changes in turn. */
  #text: DocumentText;

  /** The host's state must have been made from the client's text just now. */
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

  /** Tells the client where the own caret is; null when the editor lost focus. */
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
    // Local edits came from this editor. (One client has one editor.)
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
        // Undo takes back one's own edits only.
        Transaction.addToHistory.of(mayUndo),
        Transaction.remote.of(true),
        ...(author === undefined ? [] : [authorOfChange.of(author)]),
      ],
      // Neither a read-only editor nor any other filter may keep the client's text out.
      filter: false,
    });
  }

  /** Makes the editor's text the client's where they differ. Reads the whole text, which is rare. */
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

/** Text from elsewhere comes with the line breaks of its system; ours is `\n`. */
export const pastedLineBreaks: Extension = EditorView.clipboardInputFilter.of((text) =>
  text.replace(/\r\n?/g, '\n'),
);
