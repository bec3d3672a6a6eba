import { expect, test } from 'vitest';
import { everything, pathOfPlace, placeOfQuery, searchFrom } from './library-place.ts';

test('a place is found again by its address', () => {
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

test('an address that makes no sense shows everything', () => {
  expect(placeOfQuery('?view=elsewhere&folder=%20&q=')).toEqual(everything);
});

test('a search goes through everything, or through the trash when one is there', () => {
  expect(searchFrom({ ...everything, folder: 'Work' }, 'x')).toEqual({
    ...everything,
    search: 'x',
  });
  expect(searchFrom({ ...everything, view: 'trash' }, 'x').view).toBe('trash');
  expect(searchFrom({ ...everything, search: 'x' }, '')).toEqual(everything);
});
