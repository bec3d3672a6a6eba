import type { Tree } from '@lezer/common';
import { GFM, parser as commonmark } from '@lezer/markdown';
import { expect, it } from 'vitest';
import { boundedParsing } from './bounded-parsing.ts';

const unbounded = commonmark.configure([GFM]);
const bounded = commonmark.configure([GFM, boundedParsing]);

function repeated(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
}

function nodesOf(tree: Tree): readonly string[] {
  const nodes: string[] = [];
  tree.iterate({ enter: ({ name, from, to }) => void nodes.push(`${name} ${from}-${to}`) });
  return nodes;
}

/** The largest block parsed as inline text, and the depth of nested blocks. */
function measure(tree: Tree): { readonly inline: number; readonly depth: number } {
  let inline = 0;
  let depth = 0;
  let deepest = 0;
  tree.iterate({
    enter(node) {
      deepest = Math.max(deepest, ++depth);
      if (/^(?:Paragraph|ATXHeading\d|TableRow|TableHeader)$/.test(node.name)) {
        let children = 0;
        for (let child = node.node.firstChild; child !== null; child = child.nextSibling) {
          children++;
        }
        inline = Math.max(inline, children);
      }
    },
    leave: () => void depth--,
  });
  return { inline, depth: deepest };
}

it.each([
  [
    '# Heading *one*\n\nA paragraph with **bold**, `code`, [a link](https://example.org "title") and ~~more~~.\n',
  ],
  ['> quote\n> > deeper\n\n- a\n  - b\n    1. c\n\n- [x] done\n'],
  ['| a | b |\n| - | - |\n| 1 | *2* |\n\n[ref]: https://example.org "title"\n'],
  ['```js\nlet a;\n```\n\n<div>\nhtml\n</div>\n\n***\n'],
])('ordinary text is parsed as without bounds: %j', (text) => {
  const long = repeated(text, 60_000);
  expect(nodesOf(bounded.parse(long))).toEqual(nodesOf(unbounded.parse(long)));
});

it('a paragraph of 40,000 characters in one line keeps its hundreds of marks', () => {
  const text = repeated(`${'word '.repeat(44)}*emphasis* `, 40_000);
  expect(nodesOf(bounded.parse(text))).toEqual(nodesOf(unbounded.parse(text)));
});

it.each([
  ['openings of links', '[a](', 100_000],
  ['emphasis that touches', 'a*b', 100_000],
  ['marks of every kind', 'ab*c_d`e[f]g(h)i', 1_000_000],
  ['blanks', ' ', 100_000],
  ['cells of a table', '|', 1_000_000],
])('a line of only %s is not parsed', (_, piece, length) => {
  expect(measure(bounded.parse(`a${repeated(piece, length)}a`)).inline).toBe(0);
});

// Shorter than LINE_MAX: here the number of marks decides.
it.each([
  ['openings of links', '[a]('],
  ['emphasis that touches', 'a*b'],
  ['marks of every kind', 'ab*c_d`e[f]g(h)i'],
])('many %s in a line of 20,000 characters are not parsed, and a few are', (_, piece) => {
  expect(measure(bounded.parse(`a${repeated(piece, 20_000)}a`)).inline).toBe(0);
  expect(measure(bounded.parse(`a${repeated(piece, 200)}a`)).inline).toBeGreaterThan(0);
});

it('a row of a million cells does not belong to the table above it', () => {
  const tree = bounded.parse(`a|b\n-|-\n1|2\n${'|'.repeat(1_000_000)}`);
  expect(measure(tree).inline).toBeLessThan(10);
});

it('a paragraph of 100,000 characters in short lines is split for the parser after some thousands', () => {
  for (const line of ['a*b\n', '[a](\n', '[a]: b "\n', '[\n']) {
    const names: number[] = [];
    bounded.parse(repeated(line, 100_000)).iterate({
      enter: (node) => {
        if (node.name === 'Paragraph') names.push(node.to - node.from);
      },
    });
    expect(Math.max(...names)).toBeLessThan(10_100);
  }
});

it('thousands of nested quotes or lists are parsed to a depth of some forty', () => {
  for (const piece of ['>', '> ', '- ', '1. ']) {
    for (const length of [4_000, 100_000]) {
      expect(measure(bounded.parse(repeated(piece, length))).depth).toBeLessThan(100);
    }
  }
});
