/** Assembles the editor of one document. React components around it are notified through callbacks. */
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightSpecialChars,
  placeholder,
} from '@codemirror/view';
import { mergeReview, trackedMerge } from '../merge/merge-review.ts';
import { messages } from '../i18n/messages.ts';
import { ClientBinding, documentLines, pastedLineBreaks, type EditableClient } from './binding.ts';
import { concurrentEdits } from './concurrent-edit.ts';
import { denseLines } from './dense-lines.ts';
import type { UndoKeeping } from './device-undo.ts';
import { flashing } from '../merge/flash.ts';
import { following } from './follow.ts';
import { markdownHighlighting } from './highlight.ts';
import { editorKeys, type PageKeys } from './keys.ts';
import { createStateWithUndo, undoToKeep } from './kept-undo.ts';
import { markdownExtension } from './markdown-language.ts';
import { markdownLines } from './markdown-lines.ts';
import { caretsInEditor, placeCarets } from './remote-carets.ts';
import { PinnedView } from './pinned-view.ts';
import { searchExtension } from './search-panel.ts';
import { remoteCaretExtension } from './remote-caret-layer.ts';
import { UndoWriter } from './undo-writer.ts';
import { wellFormedInput } from './well-formed-input.ts';

export interface DocumentEditorOptions extends PageKeys {
  readonly parent: HTMLElement;
  readonly client: EditableClient;
  readonly undo: UndoKeeping;
  readonly isReadOnly: boolean;
  readonly onFollow: (session: number | null) => void;
  /** Called after a change of the text, the selection, the merge review, or the write permission. */
  readonly onUpdate: () => void;
}

export interface DocumentEditor {
  readonly view: EditorView;
  setReadOnly(isReadOnly: boolean): void;
  close(): void;
}

/** CodeMirror's default set of special characters without the carriage return, which is drawn as a blank. */
const specialChars =
  // eslint-disable-next-line no-control-regex -- these are the control characters to be made visible
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202d\u202e\u2066\u2067\u2069\ufeff\ufff9-\ufffc]/g;

/** Extensions of every editor state, with or without a view. */
const appearance: Extension = [
  highlightSpecialChars({ specialChars }),
  drawSelection(),
  dropCursor(),
  EditorState.allowMultipleSelections.of(true),
  EditorView.lineWrapping,
  searchExtension,
  placeholder(messages.document.placeholder),
  EditorView.contentAttributes.of({
    'aria-label': messages.document.text,
    spellcheck: 'true',
    autocorrect: 'on',
    autocapitalize: 'sentences',
  }),
  EditorState.phrases.of(messages.phrases),
  markdownExtension,
  markdownLines,
  denseLines,
  markdownHighlighting,
  remoteCaretExtension,
  mergeReview,
  concurrentEdits,
  flashing,
];

export function createDocumentEditor(options: DocumentEditorOptions): DocumentEditor {
  const { client, undo, isReadOnly, parent, onFollow, onUpdate } = options;
  const readOnly = new Compartment();
  const config = {
    doc: client.documentText.toString(),
    extensions: [
      documentLines,
      pastedLineBreaks,
      wellFormedInput,
      readOnly.of(EditorState.readOnly.of(isReadOnly)),
      editorKeys(options),
      appearance,
      following(onFollow),
      EditorView.updateListener.of((update) => {
        binding.transactionsApplied(update.transactions);
        if (update.docChanged) undoWriter.changed();
        if (update.docChanged || update.selectionSet || update.focusChanged) {
          binding.selectionChanged(update.view.hasFocus);
          onUpdate();
        } else if (
          update.startState.readOnly !== update.state.readOnly ||
          update.startState.field(trackedMerge) !== update.state.field(trackedMerge)
        ) {
          onUpdate();
        }
      }),
    ],
  };
  const view = new EditorView({
    parent,
    state: createStateWithUndo(config, undo.kept, client.documentText.checksum),
  });
  const binding = new ClientBinding(client, new PinnedView(view));
  const undoWriter = new UndoWriter(() => {
    const kept = undoToKeep(view.state, binding.text.checksum);
    if (kept !== null) undo.save(kept);
  });
  const stopCarets = client.on('carets', (carets) => {
    // The client may emit changes after the carets; by this microtask the editor has applied them all.
    queueMicrotask(() => {
      view.dispatch({ effects: placeCarets.of(caretsInEditor(carets, binding.text)) });
    });
  });
  return {
    view,
    setReadOnly(value) {
      view.dispatch({ effects: readOnly.reconfigure(EditorState.readOnly.of(value)) });
    },
    close() {
      undoWriter.close();
      stopCarets();
      binding.close();
      view.destroy();
    },
  };
}
