import { expect, it } from 'vitest';
import type { ClientId } from './client-messages.ts';
import { formatHead, parseHead } from './head.ts';

const head = { version: 30, clientId: 'a'.repeat(26) as ClientId, seq: 7, at: 1_700_000_000_000 };

it('a formatted head is parsed to the same head', () => {
  expect(formatHead(head)).toBe(`30.${'a'.repeat(26)}.7.1700000000000`);
  expect(parseHead(formatHead(head))).toEqual(head);
});

it.each([
  '',
  '30',
  formatHead({ ...head, clientId: 'A' as ClientId }),
  formatHead({ ...head, seq: -1 }),
  formatHead({ ...head, at: 1e99 }),
  `${formatHead(head)}.1`,
  `1e3.${'a'.repeat(26)}.7.1`,
])('%j names no operation', (text) => {
  expect(parseHead(text)).toBeNull();
});
