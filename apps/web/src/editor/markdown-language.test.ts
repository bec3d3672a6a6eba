/** The editor's language applies the bounds of bounded-parsing.ts, in Markdown and in its code blocks. */
import { ensureSyntaxTree, language } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { NodeProp, type Tree } from '@lezer/common';
import { expect, it } from 'vitest';
import { markdownExtension } from './markdown-language.ts';

/** Generous, so that parsing without bounds also finishes and the assertion fails rather than the timeout. */
const PARSING_MS = 240_000;

/** Number of nodes of each name in the editor's syntax tree of a text. */
function nodesIn(text: string): ReadonlyMap<string, number> {
  const state = EditorState.create({ doc: text, extensions: markdownExtension });
  expect(state.facet(language)?.name).toBe('markdown');
  const tree = ensureSyntaxTree(state, text.length, PARSING_MS) ?? expect.fail('not parsed');
  const names = new Map<string, number>();
  const count = (counted: Tree): void =>
    counted.iterate({
      enter({ name, tree: own }) {
        names.set(name, (names.get(name) ?? 0) + 1);
        // The content of a code block has a mounted tree of its own.
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

it('a line of the editor with thousands of marks is not parsed', () => {
  const names = nodesIn(marks(20_000));
  expect(names.get('Emphasis')).toBeUndefined();
  expect(names.get('EmphasisMark')).toBeUndefined();
  expect(names.get('LinkMark')).toBeUndefined();
});

it('a line with thousands of marks is not parsed in a code block of Markdown, either', () => {
  for (const info of ['md', 'markdown', 'gfm']) {
    const names = nodesIn(`\`\`\`${info}\n${marks(20_000)}\n\`\`\`\n`);
    expect(names.get('FencedCode')).toBe(1);
    expect(names.get('Document')).toBe(2);
    expect(names.get('EmphasisMark')).toBeUndefined();
    expect(names.get('LinkMark')).toBeUndefined();
  }
});

it('the depth of nested quotes is bounded in the editor', () => {
  expect(nodesIn('>'.repeat(4_000)).get('Blockquote')).toBeLessThan(100);
  expect(nodesIn(`\`\`\`md\n${'>'.repeat(4_000)}\n\`\`\`\n`).get('Blockquote')).toBeLessThan(100);
});
