/**
 * Adds CSS classes to lines and marks of Markdown, which editor.css styles like a document: larger headings, quotes
 * with a bar, code on a background, list items with a hanging indent. Decorates the visible part only.
 */
import { syntaxTree } from '@codemirror/language';
import { RangeSet, type Extension, type Range } from '@codemirror/state';
import {
  Decoration,
  ViewPlugin,
  type DecorationSet,
  type EditorView,
  type ViewUpdate,
} from '@codemirror/view';
import type { SyntaxNodeRef } from '@lezer/common';

/** Width of a list marker per level, in em. */
const LIST_STEP_EM = 1.6;

const doneTask = Decoration.mark({ class: 'cm-done' });

/** Collects classes by line, since several blocks may share one (a list in a quote). */
class LineClasses {
  readonly #classes = new Map<number, Set<string>>();
  readonly #hangs = new Map<number, number>();
  readonly marks: Range<Decoration>[] = [];

  add(lineStart: number, className: string): void {
    const classes = this.#classes.get(lineStart);
    if (classes === undefined) this.#classes.set(lineStart, new Set([className]));
    else classes.add(className);
  }

  /** Hanging indent: the wrapped rows of the line are indented by `em` more than its first. */
  hang(lineStart: number, em: number): void {
    this.#hangs.set(lineStart, em);
    this.add(lineStart, 'cm-listLine');
  }

  /** A part of a line with a minimum width of `em`. */
  mark(className: string, em: number, from: number, to: number): void {
    const attributes = { style: `min-width: ${em}em` };
    this.marks.push(Decoration.mark({ class: className, attributes }).range(from, to));
  }

  build(): DecorationSet {
    const lines = [...this.#classes].map(([lineStart, classes]) => {
      const hang = this.#hangs.get(lineStart);
      return Decoration.line({
        class: [...classes].join(' '),
        ...(hang === undefined ? {} : { attributes: { style: `--hang: ${hang}em` } }),
      }).range(lineStart);
    });
    return RangeSet.of([...lines, ...this.marks], true);
  }
}

function decorate(view: EditorView): DecorationSet {
  const lines = new LineClasses();
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter: (node) => decorateNode(view, node, lines, from, to),
    });
  }
  return lines.build();
}

function decorateNode(
  view: EditorView,
  node: SyntaxNodeRef,
  lines: LineClasses,
  from: number,
  to: number,
): void {
  const headingLevel = /^(?:ATX|Setext)Heading([1-6])$/.exec(node.name)?.[1];
  if (headingLevel !== undefined) {
    return eachLine(view, node, from, to, (start) =>
      lines.add(start, `cm-heading cm-heading${headingLevel}`),
    );
  }
  switch (node.name) {
    case 'Blockquote':
      return eachLine(view, node, from, to, (start) => lines.add(start, 'cm-quote'));
    case 'Table':
      return eachLine(view, node, from, to, (start) => lines.add(start, 'cm-table'));
    case 'HorizontalRule':
      return lines.add(view.state.doc.lineAt(node.from).from, 'cm-rule');
    case 'FencedCode':
    case 'CodeBlock':
      return eachLine(view, node, from, to, (start, isFirst, isLast) => {
        lines.add(start, 'cm-code');
        if (isFirst) lines.add(start, 'cm-codeFirst');
        if (isLast) lines.add(start, 'cm-codeLast');
      });
    case 'Task': {
      const marker = node.node.getChild('TaskMarker');
      if (marker === null) return;
      const isDone = /x/i.test(view.state.sliceDoc(marker.from, marker.to));
      if (isDone && marker.to + 1 < node.to) {
        lines.marks.push(doneTask.range(marker.to + 1, node.to));
      }
      return;
    }
    case 'HeaderMark':
      return decorateHeadingMark(view, node, lines);
    case 'ListMark':
      return decorateListMark(view, node, lines);
  }
}

/** The opening marks and their blank, whose width CSS must know to hang them in the margin. */
function decorateHeadingMark(view: EditorView, node: SyntaxNodeRef, lines: LineClasses): void {
  const line = view.state.doc.lineAt(node.from);
  const isOpening = node.from === line.from && line.text[node.to - line.from] === ' ';
  if (!isOpening || !/^ATX/.test(node.node.parent?.name ?? '')) return;
  const attributes = { style: `--mark-length: ${node.to - node.from + 1}` };
  const mark = Decoration.mark({ class: 'cm-headingMark', attributes });
  lines.marks.push(mark.range(node.from, node.to + 1));
}

/** Gives the marker and the blanks around it a fixed width, so that the text of all items is aligned. */
function decorateListMark(view: EditorView, node: SyntaxNodeRef, lines: LineClasses): void {
  const line = view.state.doc.lineAt(node.from);
  const depth = listDepth(node);
  const before = line.text.slice(0, node.from - line.from);
  // In a quote, the quote's marks precede the list marker: no hanging indent.
  if (before.trim() !== '') return;
  const blanks = /^[ \t]*/.exec(line.text.slice(node.to - line.from))?.[0].length ?? 0;
  lines.hang(line.from, depth * LIST_STEP_EM);
  if (before !== '') lines.mark('cm-listIndent', (depth - 1) * LIST_STEP_EM, line.from, node.from);
  lines.mark('cm-listMark', LIST_STEP_EM, node.from, node.to + blanks);
}

function listDepth(mark: SyntaxNodeRef): number {
  let depth = 0;
  for (let node = mark.node.parent; node !== null; node = node.parent) {
    if (node.name === 'ListItem') depth++;
  }
  return depth;
}

/** Calls back with the start of each visible line of a node. */
function eachLine(
  view: EditorView,
  node: SyntaxNodeRef,
  from: number,
  to: number,
  call: (lineStart: number, isFirst: boolean, isLast: boolean) => void,
): void {
  const { doc } = view.state;
  for (let position = Math.max(node.from, from); position <= Math.min(node.to, to);) {
    const line = doc.lineAt(position);
    call(line.from, line.from <= node.from, line.to >= node.to);
    position = line.to + 1;
  }
}

export const markdownLines: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = decorate(view);
    }

    update(update: ViewUpdate): void {
      const isParsedFurther = syntaxTree(update.startState) !== syntaxTree(update.state);
      if (update.docChanged || update.viewportChanged || isParsedFurther) {
        this.decorations = decorate(update.view);
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
