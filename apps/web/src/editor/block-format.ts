/** Commands that change what a line is: heading, list, quote, code block. */
import { type ChangeSpec, type EditorState, type Line, type StateCommand } from '@codemirror/state';

export type ListKind = 'bullet' | 'ordered' | 'task';

const heading = /^([ \t]*)(#{1,6})(?:[ \t]+|$)/;
const listItem = /^([ \t]*)([-*+]|\d{1,9}[.)])[ \t]+(\[[ xX]\][ \t]+)?/;
const quote = /^([ \t]*)>[ \t]?/;

/** Every line that a selection touches, once, in order. */
export function selectedLines(state: EditorState): Line[] {
  const lines: Line[] = [];
  for (const range of state.selection.ranges) {
    for (let position = range.from; position <= range.to;) {
      const line = state.doc.lineAt(position);
      // A selection that ends at the start of a line does not include that line.
      const isTouched = range.empty || line.from < range.to || line.from === range.from;
      if (isTouched && lines.at(-1)?.number !== line.number) lines.push(line);
      position = line.to + 1;
    }
  }
  return lines;
}

/** A command that changes selected lines; blank ones only if nothing else is selected. */
function lineCommand(
  changesOf: (lines: readonly Line[], state: EditorState) => ChangeSpec[],
): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false;
    const all = selectedLines(state);
    const written = all.filter((line) => line.text.trim() !== '');
    const changeSet = state.changes(changesOf(written.length > 0 ? written : all, state));
    dispatch(
      state.update({
        changes: changeSet,
        // Marks are inserted before the caret, also at the start of the line.
        selection: state.selection.map(changeSet, 1),
        userEvent: 'input.format',
        scrollIntoView: true,
      }),
    );
    return true;
  };
}

/** Toggles a heading of the level; level 0 makes plain paragraphs. */
export function setHeading(level: 0 | 1 | 2 | 3 | 4 | 5 | 6): StateCommand {
  return lineCommand((lines) => {
    const isAlready = lines.every((line) => heading.exec(line.text)?.[2]?.length === level);
    return lines.map((line) => {
      const former = heading.exec(line.text);
      const indent = former?.[1]?.length ?? 0;
      const insert = level === 0 || isAlready ? '' : `${'#'.repeat(level)} `;
      return { from: line.from + indent, to: line.from + (former?.[0].length ?? indent), insert };
    });
  });
}

function kindOf(match: RegExpExecArray): ListKind {
  if (match[3] !== undefined) return 'task';
  return /\d/.test(match[2] ?? '') ? 'ordered' : 'bullet';
}

/** Toggles a list: lines that already are all of that kind become plain. */
export function toggleList(kind: ListKind): StateCommand {
  return lineCommand((lines) => {
    const matches = lines.map((line) => listItem.exec(line.text));
    const isAlready = matches.every((match) => match !== null && kindOf(match) === kind);
    return lines.map((line, index) => {
      const match = matches[index] ?? null;
      const indent = match?.[1]?.length ?? /^[ \t]*/.exec(line.text)?.[0].length ?? 0;
      const mark = { bullet: '- ', ordered: `${index + 1}. `, task: '- [ ] ' }[kind];
      return {
        from: line.from + indent,
        to: line.from + (match?.[0].length ?? indent),
        insert: isAlready ? '' : mark,
      };
    });
  });
}

export const toggleQuote: StateCommand = lineCommand((lines) => {
  const isAlready = lines.every((line) => quote.test(line.text));
  return lines.map((line) => {
    const match = quote.exec(line.text);
    if (!isAlready) return { from: line.from, insert: '> ' };
    return {
      from: line.from + (match?.[1]?.length ?? 0),
      to: line.from + (match?.[0].length ?? 0),
    };
  });
});

const fence = /^[ \t]*(?:```|~~~)/;

/** Adds code fences around the lines, or removes those around a selection that includes them. */
export const toggleCodeBlock: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const lines = selectedLines(state);
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) return false;
  const isFenced = first !== last && fence.test(first.text) && fence.test(last.text);
  const { anchor, head } = state.selection.main;
  const opening = '```\n';
  const changes = state.changes(
    isFenced
      ? [
          { from: first.from, to: first.to + 1 },
          { from: last.from - 1, to: last.to },
        ]
      : [
          { from: first.from, insert: opening },
          { from: last.to, insert: '\n```' },
        ],
  );
  dispatch(
    state.update({
      changes,
      // The caret keeps its position in the code.
      selection: isFenced
        ? { anchor: changes.mapPos(anchor), head: changes.mapPos(head) }
        : { anchor: anchor + opening.length, head: head + opening.length },
      userEvent: 'input.format',
      scrollIntoView: true,
    }),
  );
  return true;
};
