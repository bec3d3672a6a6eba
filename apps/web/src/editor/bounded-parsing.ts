/**
 * Bounds what parsing Markdown may cost, whatever the text (a document is written by several people, and opened by all
 * of them). The parser is quadratic in one block: it looks from each mark to the end of its paragraph, joins a paragraph
 * line by line, and visits each surrounding quote and list for every line. Each bound below cuts one of these off; what
 * lies beyond it stays plain text and can be edited like any other.
 *
 * Worst measured step of the parser with these bounds, 1 MB of the texts in bounded-parsing.test.ts: some 50 ms.
 */
import type { BlockContext, LeafBlock, Line, MarkdownConfig } from '@lezer/markdown';

/** Marks times characters of one piece of inline text: one of 40,000 characters may have 750 marks. */
const INLINE_COST_MAX = 30_000_000;
/** UTF-16 units after which a paragraph of several lines ends, for the parser, at the next line. */
const PARAGRAPH_MAX = 10_000;
/** … when it may be the definition of a link, whose title is looked for from the start with every line. */
const DEFINITION_MAX = 2_000;
/** UTF-16 units of a line beyond which it is not looked at: a row of a table would get a cell for each bar. */
const LINE_MAX = 50_000;
/** Quotes and lists within each other. */
const NESTING_MAX = 40;

/** Characters at which inline parsers look ahead; of spaces those that another one follows. */
const MARKS = /[*_[\]()<>`!~&\\:@]| (?= )/g;

function inlineCost(text: string): number {
  let marks = 0;
  MARKS.lastIndex = 0;
  while (MARKS.test(text)) marks++;
  return marks * text.length;
}

export const boundedParsing: MarkdownConfig = {
  parseInline: [
    {
      name: 'BoundedInline',
      before: 'Escape',
      parse(context, _next, position) {
        // Asked at every character: the cost is that of the whole piece, once, at its start.
        if (position !== context.offset || context.text.length ** 2 <= INLINE_COST_MAX) return -1;
        return inlineCost(context.text) > INLINE_COST_MAX ? context.end : -1;
      },
    },
  ],
  parseBlock: [
    {
      name: 'BoundedBlock',
      before: 'IndentedCode',
      parse(context: BlockContext, line: Line) {
        if (context.depth <= NESTING_MAX && line.text.length <= LINE_MAX) return false;
        const from = context.lineStart + line.pos;
        const to = context.lineStart + line.text.length;
        context.addElement(context.elt('Paragraph', from, to));
        context.nextLine();
        return true;
      },
      endLeaf(_context: BlockContext, line: Line, leaf: LeafBlock) {
        if (line.text.length > LINE_MAX) return true;
        const isDefinition = leaf.content.startsWith('[');
        return leaf.content.length > (isDefinition ? DEFINITION_MAX : PARAGRAPH_MAX);
      },
    },
  ],
};
