import { diffTexts } from '@concord/ot';
import { expect, it } from 'vitest';
import { movedSelection } from './moved-selection.ts';

/** `|` marks the ends of the selection. */
it.each([
  ['My |report', 'My |report!'],
  ['My report|', 'Our report|'],
  ['My |long| report', 'Now my |long| report'],
  ['|My report', '|Oh: My report'],
  ['My rep|ort', 'My |'],
  ['😀 plan|', '😀😀 plan|'],
  ['A|B', 'A|😀B'],
])('%s becomes %s', (before, after) => {
  const text = before.replaceAll('|', '');
  const title = after.replaceAll('|', '');
  const placesIn = (marked: string) => ({
    from: marked.indexOf('|'),
    to: marked.lastIndexOf('|') - (marked.split('|').length - 2),
  });
  const { from, to } = placesIn(before);
  const moved = movedSelection(text, title, diffTexts(text, title), from, to);
  expect(moved).toEqual(placesIn(after));
});
