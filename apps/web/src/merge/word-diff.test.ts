import { describe, expect, it, test } from 'vitest';
import fc from 'fast-check';
import { wordDiff, type DiffPiece } from './word-diff.ts';

const marks = { same: '', removed: '-', added: '+' } as const;
const shown = (pieces: readonly DiffPiece[]): string =>
  pieces.map(({ kind, text }) => (kind === 'same' ? text : `[${marks[kind]}${text}]`)).join('');
const diff = (before: string, after: string): string => shown(wordDiff(before, after));

describe('changes are shown in whole words:', () => {
  it('a replaced word', () => {
    expect(diff('The quick fox', 'The slow fox')).toBe('The [-quick][+slow] fox');
  });
  it('an added sentence', () => {
    expect(diff('One.\n', 'One. Two!\n')).toBe('One.[+ Two!]\n');
  });
  it('several separate changes', () => {
    expect(diff('a b c d e', 'a B c D e')).toBe('a [-b][+B] c [-d][+D] e');
  });
  it('adjacent replaced words as one replacement', () => {
    expect(diff('is closed until the month.', 'is still closed.')).toBe(
      'is [-closed until the month][+still closed].',
    );
    expect(diff('a stove', 'two stoves')).toBe('[-a stove][+two stoves]');
    expect(diff('one two three', 'one three')).toBe('one [-two ]three');
  });
  it('a character of a script without spaces', () => {
    expect(diff('今日は雨です', '今日は晴です')).toBe('今日は[-雨][+晴]です');
  });
  it('identical texts, and entirely different ones', () => {
    expect(diff('same', 'same')).toBe('same');
    expect(diff('', 'new')).toBe('[+new]');
    expect(diff('old', '')).toBe('[-old]');
  });
});

test('the pieces of a diff join to both versions', () => {
  const words = fc
    .array(fc.constantFrom('a', 'b', ' ', '\n', 'word', '😀', '漢', '’', '\r'), { maxLength: 30 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(words, words, (before, after) => {
      const pieces = wordDiff(before, after);
      const without = (kind: DiffPiece['kind']): string =>
        pieces
          .filter((piece) => piece.kind !== kind)
          .map(({ text }) => text)
          .join('');
      expect(without('added')).toBe(before);
      expect(without('removed')).toBe(after);
    }),
    { numRuns: 3_000 },
  );
});

test('passages too long for a word diff are compared by their common prefix and suffix', () => {
  const long = (word: string): string => `start ${`${word} `.repeat(2_000)}end`;
  const pieces = wordDiff(long('old'), long('new'));
  expect(pieces.map(({ kind }) => kind)).toEqual(['same', 'removed', 'added', 'same']);
});
