import type { Me } from '@concord/protocol';
import { expect, it, vi } from 'vitest';

vi.stubGlobal('navigator', { cookieEnabled: true });
const { CookiesBlockedError, cookiesAreBlocked, withCookie } = await import('./cookies.ts');

const answering = (...ids: readonly string[]): (() => Promise<Me>) => {
  const left = [...ids];
  return () =>
    Promise.resolve({ kind: 'guest', userId: left.shift() ?? 'asked too often' } as unknown as Me);
};

it('believes at once whom this browser knew before', async () => {
  expect((await withCookie(answering('ann'), 'ann')).userId).toBe('ann');
});

it('believes a new guest who is the same when asked again', async () => {
  expect((await withCookie(answering('new', 'new'), null)).userId).toBe('new');
});

it('believes a guest whom another request made at the same time', async () => {
  expect((await withCookie(answering('one', 'two', 'two'), null)).userId).toBe('two');
  expect(cookiesAreBlocked()).toBe(false);
});

it('knows by a guest who is another one each time that cookies are refused', async () => {
  await expect(withCookie(answering('one', 'two', 'three'), null)).rejects.toThrow(
    CookiesBlockedError,
  );
  expect(cookiesAreBlocked()).toBe(true);
});
