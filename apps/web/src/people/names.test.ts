import { expect, test } from 'vitest';
import { displayName, initials } from './names.ts';

test('initials are the first letters of the first and last word', () => {
  expect(initials('Ada Lovelace')).toBe('AL');
  expect(initials('ada augusta king lovelace')).toBe('AL');
  expect(initials('Ada')).toBe('A');
});

test('initials are whole graphemes', () => {
  expect(initials('👩‍👩‍👧 family')).toBe('👩‍👩‍👧F');
  expect(initials('e\u0301lodie')).toBe('E\u0301');
});

test('a person without a name is displayed as a guest', () => {
  expect(initials('  ')).toBe('?');
  expect(displayName({ name: ' ' })).toBe('Guest');
});
