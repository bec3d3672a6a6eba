/**
 * Bounds the cost of parsing Markdown for any text (a document is written by several people, and opened by all of
 * them). The parser is quadratic in a block: it scans from each mark to the end of the paragraph, joins a paragraph
 * line by line, and visits each enclosing quote and list for each line. Each bound below limits one of these; text
 * beyond it is not parsed, stays plain, and can be edited like any other.
 *
 * Longest measured parser step with these bounds, for 1 MB of the texts in bounded-parsing.test.ts: some 50 ms.
 */
import type { BlockContext, LeafBlock, Line, MarkdownConfig } from '@lezer/markdown';

/** Limit of marks × characters of one inline text: one of 40,000 characters may have 750 marks. */
const INLINE_COST_MAX = 30_000_000;
/** UTF-16 units after which a paragraph of several lines ends, for the parser, at the next line. */
const PARAGRAPH_MAX = 10_000;
/** … if it may be a link definition, whose title the parser searches from the start for every line. */
const DEFINITION_MAX = 2_000;
/** UTF-16 units above which a line is not parsed: a table row, for instance, would get a cell for each bar. */
const LINE_MAX = 50_000;
/** Maximum depth of nested quotes and lists. */
const NESTING_MAX = 40;

/** Characters at which inline parsers scan ahead; spaces only if another one follows. */
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
        // Called at every character; the cost of the whole text is checked once, at its start.
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
