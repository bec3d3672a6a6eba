import { expect, test } from 'vitest';
import { everything, pathOfPlace, placeOfQuery, searchFrom } from './library-place.ts';

test('a place survives the round trip through its address', () => {
  for (const place of [
    everything,
    { ...everything, view: 'trash' as const },
    { ...everything, folder: 'Büro & Co' },
    { ...everything, search: 'a+b = "c"' },
    { view: 'trash' as const, folder: null, search: 'old' },
  ]) {
    const path = pathOfPlace(place);
    expect(placeOfQuery(new URL(path, 'http://localhost').search)).toEqual(place);
  }
  expect(pathOfPlace(everything)).toBe('/');
});

test('an invalid query shows all documents', () => {
  expect(placeOfQuery('?view=elsewhere&folder=%20&q=')).toEqual(everything);
});

test('a search covers all documents, or the trash when started there', () => {
  expect(searchFrom({ ...everything, folder: 'Work' }, 'x')).toEqual({
    ...everything,
    search: 'x',
  });
  expect(searchFrom({ ...everything, view: 'trash' }, 'x').view).toBe('trash');
  expect(searchFrom({ ...everything, search: 'x' }, '')).toEqual(everything);
});
