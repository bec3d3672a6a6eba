/** The language that the editor has parses with the bounds of bounded-parsing.ts, in Markdown and in its code blocks. */
import { ensureSyntaxTree, language } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { NodeProp, type Tree } from '@lezer/common';
import { expect, it } from 'vitest';
import { markdownExtension } from './markdown-language.ts';

/** Generous: what parses without bounds must end, too, for the assertion to tell. */
const PARSING_MS = 240_000;

/** How many nodes of each name the editor's tree of a text has. */
function nodesIn(text: string): ReadonlyMap<string, number> {
  const state = EditorState.create({ doc: text, extensions: markdownExtension });
  expect(state.facet(language)?.name).toBe('markdown');
  const tree = ensureSyntaxTree(state, text.length, PARSING_MS) ?? expect.fail('not parsed');
  const names = new Map<string, number>();
  const count = (counted: Tree): void =>
    counted.iterate({
      enter({ name, tree: own }) {
        names.set(name, (names.get(name) ?? 0) + 1);
        // What is in a code block has a tree of its own.
        const inner = own?.prop(NodeProp.mounted)?.tree;
        if (inner !== undefined) count(inner);
      },
    });
  count(tree);
  return names;
}

const marks = (length: number): string => 'ab*c_d`e[f]g(h)i '.repeat(length / 17);

it('marks are parsed in an ordinary paragraph of the editor, and in a code block of Markdown', () => {
  expect(nodesIn(marks(500)).get('Emphasis')).toBeGreaterThan(0);
  expect(nodesIn(`\`\`\`md\n${marks(500)}\n\`\`\`\n`).get('Emphasis')).toBeGreaterThan(0);
});

it('a line of the editor with thousands of marks is left plain', () => {
  const names = nodesIn(marks(20_000));
  expect(names.get('Emphasis')).toBeUndefined();
  expect(names.get('EmphasisMark')).toBeUndefined();
  expect(names.get('LinkMark')).toBeUndefined();
});

it('a line with thousands of marks is left plain in a code block of Markdown, too', () => {
  for (const info of ['md', 'markdown', 'gfm']) {
    const names = nodesIn(`\`\`\`${info}\n${marks(20_000)}\n\`\`\`\n`);
    expect(names.get('FencedCode')).toBe(1);
    expect(names.get('Document')).toBe(2);
    expect(names.get('EmphasisMark')).toBeUndefined();
    expect(names.get('LinkMark')).toBeUndefined();
  }
});

it('quotes within each other are bounded in the editor', () => {
  expect(nodesIn('>'.repeat(4_000)).get('Blockquote')).toBeLessThan(100);
  expect(nodesIn(`\`\`\`md\n${'>'.repeat(4_000)}\n\`\`\`\n`).get('Blockquote')).toBeLessThan(100);
});
