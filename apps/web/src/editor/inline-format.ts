/** Commands for inline formats: bold, italic, strikethrough, code, link. */
import { ensureSyntaxTree, syntaxTree } from '@codemirror/language';
import {
  EditorSelection,
  type ChangeSpec,
  type EditorState,
  type SelectionRange,
  type StateCommand,
} from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';

export type InlineFormat = 'bold' | 'italic' | 'strikethrough' | 'code';

interface Marks {
  readonly mark: string;
  /** Name of the syntax node for these marks. */
  readonly node: string;
}

const marksOf: Record<InlineFormat, Marks> = {
  bold: { mark: '**', node: 'StrongEmphasis' },
  italic: { mark: '*', node: 'Emphasis' },
  strikethrough: { mark: '~~', node: 'Strikethrough' },
  code: { mark: '`', node: 'InlineCode' },
};

/** Maximum time for which a command waits for the parser to reach the selection. */
const PARSE_MS = 50;

/** Prefix of a line's content: quote marks, heading marks, list markers with a task's checkbox. */
const linePrefix =
  /^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+|(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?/;

export function toggleInlineFormat(format: InlineFormat): StateCommand {
  const { mark, node } = marksOf[format];
  return ({ state, dispatch }) => {
    if (state.readOnly) return false;
    const change = state.changeByRange((range) => {
      const formatted = formattedAround(state, range, node);
      if (formatted !== null) return removeMarks(formatted, range);
      return range.empty ? markWord(state, range, mark) : markLines(state, range, mark);
    });
    dispatch(state.update(change, { userEvent: 'input.format', scrollIntoView: true }));
    return true;
  };
}

/** The node of that name that contains the range, or that the range selects including its marks. */
export function formattedAround(
  state: EditorState,
  range: { readonly from: number; readonly to: number },
  name: string,
): SyntaxNode | null {
  const tree = ensureSyntaxTree(state, range.to, PARSE_MS) ?? syntaxTree(state);
  for (const side of [1, -1] as const) {
    const start: SyntaxNode | null = tree.resolveInner(side === 1 ? range.from : range.to, side);
    for (let node: SyntaxNode | null = start; node !== null; node = node.parent) {
      if (node.name === name && node.from <= range.from && node.to >= range.to) return node;
    }
  }
  return null;
}

interface RangeChange {
  readonly changes: ChangeSpec[];
  readonly range: SelectionRange;
}

function removeMarks(node: SyntaxNode, range: SelectionRange): RangeChange {
  const { firstChild: opening, lastChild: closing } = node;
  if (opening === null || closing === null || opening.from === closing.from) {
    return { changes: [], range };
  }
  const markLength = opening.to - opening.from;
  const moved = (position: number): number => {
    const afterOpening = position - Math.min(markLength, Math.max(0, position - opening.from));
    return afterOpening - Math.max(0, position - closing.from);
  };
  return {
    changes: [
      { from: opening.from, to: opening.to },
      { from: closing.from, to: closing.to },
    ],
    range: EditorSelection.range(moved(range.anchor), moved(range.head)),
  };
}

/** Without a selection: marks the word at the caret, else inserts an empty pair of marks. */
function markWord(state: EditorState, range: SelectionRange, mark: string): RangeChange {
  const { head } = range;
  const before = state.sliceDoc(Math.max(0, head - mark.length), head);
  const after = state.sliceDoc(head, head + mark.length);
  if (before === mark && after === mark) {
    return {
      changes: [{ from: head - mark.length, to: head + mark.length }],
      range: EditorSelection.cursor(head - mark.length),
    };
  }
  const word = state.wordAt(head);
  if (word === null || word.from === head || word.to === head) {
    return {
      changes: [{ from: head, insert: mark + mark }],
      range: EditorSelection.cursor(head + mark.length),
    };
  }
  return {
    changes: [
      { from: word.from, insert: mark },
      { from: word.to, insert: mark },
    ],
    range: EditorSelection.cursor(head + mark.length),
  };
}

/** Marks cannot span paragraphs: each line's content gets its own. */
function markLines(state: EditorState, range: SelectionRange, mark: string): RangeChange {
  const changes: ChangeSpec[] = [];
  let first: number | null = null;
  let last = range.to;
  for (let position = range.from; position <= range.to;) {
    const line = state.doc.lineAt(position);
    const prefix = linePrefix.exec(line.text)?.[0].length ?? 0;
    const start = Math.max(range.from, line.from + prefix);
    const text = state.sliceDoc(start, Math.max(start, Math.min(range.to, line.to)));
    if (text.trim() !== '') {
      const from = start + text.length - text.trimStart().length;
      const to = from + text.trim().length;
      changes.push({ from, insert: mark }, { from: to, insert: mark });
      first ??= from;
      last = to + (changes.length - 1) * mark.length;
    }
    position = line.to + 1;
  }
  if (first === null) return { changes, range };
  const [from, to] = [first + mark.length, last];
  return {
    changes,
    range:
      range.anchor <= range.head
        ? EditorSelection.range(from, to)
        : EditorSelection.range(to, from),
  };
}

const urlPattern = /^(?:https?:\/\/|mailto:)\S+$/i;

/** Makes the selection a link, and moves the caret to the missing part. */
export const insertLink: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const change = state.changeByRange((range) => {
    const existing = formattedAround(state, range, 'Link');
    const url = existing?.getChild('URL');
    if (url) return { range: EditorSelection.range(url.from, url.to) };
    const text = state.sliceDoc(range.from, range.to);
    const isUrl = urlPattern.test(text);
    const insert = isUrl ? `[](${text})` : `[${text}](https://)`;
    const textStart = range.from + 1;
    const urlStart = textStart + text.length + 2;
    return {
      changes: [{ from: range.from, to: range.to, insert }],
      range:
        isUrl || text === ''
          ? EditorSelection.cursor(textStart)
          : EditorSelection.range(urlStart, urlStart + 'https://'.length),
    };
  });
  dispatch(state.update(change, { userEvent: 'input.format', scrollIntoView: true }));
  return true;
};
