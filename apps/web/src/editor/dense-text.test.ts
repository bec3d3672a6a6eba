import { expect, it } from 'vitest';
import { denseParts } from './dense-text.ts';

function repeated(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length));
}

it.each([
  ['English', 'The quick “brown” fox jumps over the lazy dog – again. '],
  ['Vietnamese in separate marks', 'Tiếng Việt có dấu. '.normalize('NFD')],
  ['Hindi', 'हिन्दी में लिखा गया एक वाक्य। '],
  ['Thai', 'ภาษาไทยที่เขียนติดกัน '],
  ['Tibetan', 'བོད་སྐད་ཀྱི་ཚིག་གྲུབ། '],
  ['Arabic with vowel signs', 'اَلْعَرَبِيَّةُ لُغَةٌ جَمِيلَةٌ '],
  ['Hebrew beside English', 'שלום world '],
  ['Korean in jamo', '한국어로 쓴 글입니다 '.normalize('NFD')],
  ['emoji of families, flags and skin tones', '👨🏻‍👩🏽‍👧🏾‍👦🏿 👩🏻‍❤️‍💋‍👨🏿 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏳️‍🌈 '],
])('a paragraph of 20,000 characters in %s is drawn whole', (_, sentence) => {
  expect(denseParts(repeated(sentence, 20_000))).toEqual([]);
});

it.each([
  ['combining marks', `a${'\u0301'.repeat(100_000)}`],
  ['variation selectors', `a${'\ufe0f'.repeat(100_000)}`],
  ['joined emoji', repeated('👨‍', 100_000)],
  ['joined emoji from an odd place', `a${repeated('👨‍', 100_000)}`],
  ['letters under fifty marks each', repeated(`a${'\u0301'.repeat(50)}`, 100_000)],
  ['control characters', '\u0001'.repeat(100_000)],
  ['changes of direction by control characters', repeated('a\u202e', 100_000)],
  ['changes of direction by letters', repeated('א1', 100_000)],
  ['letters joined by viramas', `क${'\u094d\u0915'.repeat(50_000)}`],
])('of a line of 100,000 %s at most some thousands are drawn', (_, line) => {
  const parts = denseParts(line);
  const left = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  expect(line.length - left).toBeLessThan(10_000);
  let end = 0;
  for (const { from, to } of parts) {
    expect(from).toBeGreaterThanOrEqual(end);
    expect(to).toBeGreaterThan(from);
    end = to;
    // No surrogate pair is split.
    expect(line.slice(from, to).isWellFormed()).toBe(true);
  }
  expect(end).toBeLessThanOrEqual(line.length);
});
