/** The Tab key: indents list items, and inserts a tab elsewhere. Esc, then Tab moves the focus out of the text. */
import type { EditorState, Line, StateCommand } from '@codemirror/state';
import { selectedLines } from './block-format.ts';

const listItem = /^([ \t]*)((?:[-*+]|\d{1,9}[.)])[ \t]+)/;

/** Columns of an item's marker and content. */
interface Indents {
  readonly mark: number;
  readonly content: number;
}

function indentsOf(line: Line): Indents | null {
  const match = listItem.exec(line.text);
  if (match === null) return null;
  const mark = match[1]?.length ?? 0;
  return { mark, content: mark + (match[2]?.length ?? 0) };
}

/** The nearest item above that satisfies `isWanted`; stops at the start of the list. */
function itemAbove(
  state: EditorState,
  line: Line,
  isWanted: (indents: Indents) => boolean,
): Indents | null {
  for (let number = line.number - 1; number > 0; number--) {
    const above = state.doc.line(number);
    const indents = indentsOf(above);
    if (indents !== null && isWanted(indents)) return indents;
    if (indents === null && /^\S/.test(above.text)) return null;
  }
  return null;
}

/** Nests list items below the item above; inserts a tab outside of a list. */
export const indentListOrTab: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const lines = selectedLines(state);
  const items = lines.filter((line) => indentsOf(line) !== null);
  if (items.length === 0) {
    if (lines.length > 1) {
      const changes = lines.map((line) => ({ from: line.from, insert: '  ' }));
      dispatch(state.update({ changes, userEvent: 'input.indent' }));
    } else {
      dispatch(state.update(state.replaceSelection('\t'), { userEvent: 'input.indent' }));
    }
    return true;
  }
  const first = items[0];
  if (first === undefined) return false;
  const mark = indentsOf(first)?.mark ?? 0;
  // The new parent must be indented like the first item, not less; all selected items move together.
  const parent = itemAbove(state, first, (indents) => indents.mark <= mark);
  const step = parent?.mark === mark ? parent.content - parent.mark : 0;
  if (step > 0) {
    const changes = items.map((line) => ({ from: line.from, insert: ' '.repeat(step) }));
    dispatch(state.update({ changes, userEvent: 'input.indent', scrollIntoView: true }));
  }
  return true;
};

/** Outdents list items, or indented lines, by one level. */
export const outdentList: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const changes = selectedLines(state).flatMap((line) => {
    const indent = /^[ \t]*/.exec(line.text)?.[0].length ?? 0;
    if (indent === 0) return [];
    const parent = itemAbove(state, line, (indents) => indents.mark < indent);
    const kept = indentsOf(line) === null ? Math.max(0, indent - 2) : (parent?.mark ?? 0);
    return [{ from: line.from, to: line.from + (indent - kept) }];
  });
  if (changes.length > 0) dispatch(state.update({ changes, userEvent: 'delete.dedent' }));
  return true;
};
