/** For tests: texts with an inline selection, `|` marks its ends. */
import { EditorSelection, EditorState, type StateCommand } from '@codemirror/state';
import { markdownLanguage } from './markdown-language.ts';

export function stateOf(marked: string): EditorState {
  const anchor = marked.indexOf('|');
  const rest = marked.slice(0, anchor) + marked.slice(anchor + 1);
  const end = rest.indexOf('|');
  return EditorState.create({
    doc: rest.replace('|', ''),
    selection: EditorSelection.single(anchor, end === -1 ? anchor : end),
    extensions: [markdownLanguage.extension],
  });
}

/** Applies a command to a marked text, and returns the marked result. */
export function after(command: StateCommand, marked: string): string {
  let state = stateOf(marked);
  command({
    state,
    dispatch: (transaction) => {
      state = transaction.state;
    },
  });
  const text = state.doc.toString();
  const { from, to, empty } = state.selection.main;
  return empty
    ? `${text.slice(0, from)}|${text.slice(from)}`
    : `${text.slice(0, from)}|${text.slice(from, to)}|${text.slice(to)}`;
}
