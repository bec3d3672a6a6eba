import { expect, test } from 'vitest';
import { splitPassage } from './passage.ts';

test('hits are separated from the text around them', () => {
  expect(splitPassage('The \u0002quick\u0003 brown \u0002fox\u0003')).toEqual([
    { text: 'The ', isHit: false },
    { text: 'quick', isHit: true },
    { text: ' brown ', isHit: false },
    { text: 'fox', isHit: true },
  ]);
});

test('a passage without hits is one part, and an empty one has no parts', () => {
  expect(splitPassage('plain')).toEqual([{ text: 'plain', isHit: false }]);
  expect(splitPassage('')).toEqual([]);
  expect(splitPassage('\u0002\u0003')).toEqual([]);
});

test('marks without a counterpart lose no text', () => {
  expect(splitPassage('a\u0003b\u0002c')).toEqual([
    { text: 'a', isHit: false },
    { text: 'b', isHit: false },
    { text: 'c', isHit: true },
  ]);
});

test('markup stays text', () => {
  expect(splitPassage('<b>\u0002<script>\u0003')).toEqual([
    { text: '<b>', isHit: false },
    { text: '<script>', isHit: true },
  ]);
});
