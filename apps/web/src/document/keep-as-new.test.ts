import { TITLE_CHARACTERS } from '@concord/protocol';
import { expect, it } from 'vitest';
import { titleOfCopy } from './keep-as-new.ts';

it.each([
  ['Plans', 'Plans (my copy)'],
  ['  ', 'Untitled document (my copy)'],
])('the title of a copy of "%s" differs from that of the original', (title, expected) => {
  expect(titleOfCopy(title)).toBe(expected);
});

it('the title of a copy stays within the limit, and is truncated before its suffix', () => {
  const title = titleOfCopy('😀'.repeat(TITLE_CHARACTERS / 2));
  expect(title.length).toBeLessThanOrEqual(TITLE_CHARACTERS);
  expect(title).toMatch(/^(😀)+ \(my copy\)$/u);
});
