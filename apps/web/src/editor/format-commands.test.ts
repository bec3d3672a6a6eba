import { expect, test } from 'vitest';
import { activeFormats } from './active-formats.ts';
import { setHeading, toggleCodeBlock, toggleList, toggleQuote } from './block-format.ts';
import { insertLink, toggleInlineFormat } from './inline-format.ts';
import { indentListOrTab, outdentList } from './list-indent.ts';
import { after, stateOf } from './test-commands.ts';
import { countWords } from './word-count.ts';

const bold = toggleInlineFormat('bold');
const italic = toggleInlineFormat('italic');

test.each([
  ['one |two| three', 'one **|two|** three'],
  ['one **|two|** three', 'one |two| three'],
  ['one |**two**| three', 'one |two| three'],
  // Without a selection: the word at the caret, else an empty pair, which the same key removes.
  ['one tw|o three', 'one **tw|o** three'],
  ['one **tw|o** three', 'one tw|o three'],
  ['one | three', 'one **|** three'],
  ['one **|** three', 'one | three'],
  // Surrounding blanks stay outside; each line gets its own marks, after its list marker.
  ['one| two |three', 'one **|two|** three'],
  ['|- one\n- two|', '- **|one**\n- **two|**'],
])('bold: %j becomes %j', (before, expected) => {
  expect(after(bold, before)).toBe(expected);
});

test('italic within bold adds marks rather than taking them', () => {
  expect(after(italic, '**one |two| three**')).toBe('**one *|two|* three**');
});

test.each([
  ['|text|', '[text](|https://|)'],
  ['|https://example.org|', '[|](https://example.org)'],
  ['a | b', 'a [|](https://) b'],
  ['[te|xt](https://example.org)', '[text](|https://example.org|)'],
])('link: %j becomes %j', (before, expected) => {
  expect(after(insertLink, before)).toBe(expected);
});

test.each([
  [2, 'te|xt', '## te|xt'],
  [2, '# te|xt', '## te|xt'],
  [2, '## te|xt', 'te|xt'],
  [0, '### te|xt', 'te|xt'],
  [1, '|', '# |'],
] as const)('heading %d: %j becomes %j', (level, before, expected) => {
  expect(after(setHeading(level), before)).toBe(expected);
});

test.each([
  ['bullet', '|one\ntwo|', '- |one\n- two|'],
  ['ordered', '|one\n\ntwo|', '1. |one\n\n2. two|'],
  ['ordered', '- |one\n- two|', '1. |one\n2. two|'],
  ['task', '- o|ne', '- [ ] o|ne'],
  ['bullet', '- [x] o|ne', '- o|ne'],
  ['bullet', '- o|ne', 'o|ne'],
] as const)('%s list: %j becomes %j', (kind, before, expected) => {
  expect(after(toggleList(kind), before)).toBe(expected);
});

test('quotes and code blocks', () => {
  expect(after(toggleQuote, 'o|ne')).toBe('> o|ne');
  expect(after(toggleQuote, '> o|ne')).toBe('o|ne');
  expect(after(toggleCodeBlock, 'o|ne')).toBe('```\no|ne\n```');
  expect(after(toggleCodeBlock, '|')).toBe('```\n|\n```');
  expect(after(toggleCodeBlock, '|```\none\n```|')).toBe('|one|');
});

test.each([
  ['- one\n- t|wo', '- one\n  - t|wo'],
  ['1. one\n2. t|wo', '1. one\n   2. t|wo'],
  // No item above, or the item is nested already.
  ['- o|ne', '- o|ne'],
  ['- one\n  - t|wo', '- one\n  - t|wo'],
  ['te|xt', 'te\t|xt'],
])('Tab: %j becomes %j', (before, expected) => {
  expect(after(indentListOrTab, before)).toBe(expected);
});

test.each([
  ['- one\n  - t|wo', '- one\n- t|wo'],
  ['1. one\n   - two\n     - t|hree', '1. one\n   - two\n   - t|hree'],
  ['te|xt', 'te|xt'],
])('Shift+Tab: %j becomes %j', (before, expected) => {
  expect(after(outdentList, before)).toBe(expected);
});

test('the toolbar knows what is on at the caret', () => {
  expect([...activeFormats(stateOf('## a **b|c**'))].sort()).toEqual(['bold', 'heading2']);
  expect([...activeFormats(stateOf('- one\n  1. t|wo'))]).toEqual(['ordered']);
  expect([...activeFormats(stateOf('- [ ] t|o do'))]).toEqual(['task']);
  expect([...activeFormats(stateOf('pla|in'))]).toEqual([]);
});

test('words are counted as people count them', () => {
  expect(countWords('')).toBe(0);
  expect(countWords("It's one well-known e.g. 3.14 — # - **bold**")).toBe(6);
  expect(countWords('漢字かな')).toBe(4);
});
