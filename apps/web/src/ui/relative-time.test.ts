import { expect, test } from 'vitest';
import { relativeTime } from './relative-time.tsx';

const minute = 60_000;

test.each([
  [-5_000, 'just now'],
  [30_000, 'just now'],
  [minute, '1 minute ago'],
  [59 * minute, '59 minutes ago'],
  [26 * 60 * minute, 'yesterday'],
  [8 * 24 * 60 * minute, 'last week'],
])('%d ms ago reads "%s"', (age, text) => {
  expect(relativeTime(1e12 - age, 1e12)).toBe(text);
});
