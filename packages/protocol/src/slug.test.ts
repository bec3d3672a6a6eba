import { expect, it } from 'vitest';
import { documentIdOfPath, documentPath } from './slug.ts';

const id = 'a'.repeat(26);

it.each([
  ['Café notes', `/d/cafe-notes-${id}`],
  ['  ', `/d/${id}`],
  ['😀', `/d/${id}`],
  ['a/b?c#d', `/d/a-b-c-d-${id}`],
])('the path of %j names it', (title, path) => {
  expect(documentPath(id, title)).toBe(path);
});

it('long titles are cut between characters, never within one, and the id is found again', () => {
  for (const letter of ['x', 'é', '𝒳', '漢', '🄰']) {
    for (let shift = 0; shift < 3; shift++) {
      const path = documentPath(id, 'y'.repeat(shift) + letter.repeat(100));
      expect(documentIdOfPath(path.slice('/d/'.length))).toBe(id);
    }
  }
});
