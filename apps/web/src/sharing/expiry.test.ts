import { expect, test } from 'vitest';
import { expiryOf, toLocalTime } from './expiry.ts';

const now = Date.UTC(2030, 4, 20, 12, 0);
const day = 86_400_000;

test('fixed lifetimes are counted from now', () => {
  expect(expiryOf('never', '', now)).toBeNull();
  expect(expiryOf('day', '', now)).toBe(now + day);
  expect(expiryOf('week', '', now)).toBe(now + 7 * day);
  expect(expiryOf('month', '', now)).toBe(now + 30 * day);
});

test('a custom time is interpreted in the local time zone', () => {
  expect(expiryOf('until', toLocalTime(now + day), now)).toBe(now + day);
});

test('a missing and a past time are invalid', () => {
  expect(expiryOf('until', '', now)).toBe('invalid');
  expect(expiryOf('until', toLocalTime(now - day), now)).toBe('invalid');
});
