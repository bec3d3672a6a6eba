import { expect, test } from 'vitest';
import { fileNameOf } from './copy.ts';

test.each([
  ['Minutes 24/11: "final"?', 'Minutes 24 11 final.md'],
  ['  ', 'document.md'],
  ['...', 'document.md'],
  ['Übung', 'Übung.md'],
])('%j is saved as %j', (title, name) => {
  expect(fileNameOf(title, 'md')).toBe(name);
});
