import { expect, test } from 'vitest';
import { expiryOf, toLocalTime } from './expiry.ts';

const now = Date.UTC(2030, 4, 20, 12, 0);
const day = 86_400_000;

test('choices are counted from now', () => {
  expect(expiryOf('never', '', now)).toBeNull();
  expect(expiryOf('day', '', now)).toBe(now + day);
  expect(expiryOf('week', '', now)).toBe(now + 7 * day);
  expect(expiryOf('month', '', now)).toBe(now + 30 * day);
});

test('a time of one’s own is read in the time zone in which it was written', () => {
  expect(expiryOf('until', toLocalTime(now + day), now)).toBe(now + day);
});

test('no time and a past one are invalid', () => {
  expect(expiryOf('until', '', now)).toBe('invalid');
  expect(expiryOf('until', toLocalTime(now - day), now)).toBe('invalid');
});
