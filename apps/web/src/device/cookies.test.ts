import { meSchema, type Me } from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as Cookies from './cookies.ts';

const me = (userId: string): Me =>
  meSchema.parse({
    kind: 'guest',
    userId,
    name: 'Calm Heron',
    userName: null,
    email: null,
    isAdmin: false,
    hasPassword: false,
    signUp: 'open',
    singleSignOn: null,
    mayCreate: true,
  });

/** A server that returns these user ids in order and repeats the last one; `+` marks responses that create a guest. */
function answering(...answers: readonly string[]) {
  let asked = 0;
  return vi.fn(() => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? '';
    return Promise.resolve({ me: me(answer.replace('+', '')), isNew: answer.endsWith('+') });
  });
}

let cookies: typeof Cookies;
async function load(cookieEnabled = true): Promise<void> {
  vi.resetModules();
  vi.stubGlobal('navigator', { cookieEnabled });
  cookies = await import('./cookies.ts');
}
beforeEach(() => load());
afterEach(() => void vi.unstubAllGlobals());

it('a browser that sent its cookie is asked for once', async () => {
  const ask = answering('ann');
  expect((await cookies.withCookie(ask)).userId).toBe('ann');
  expect(ask).toHaveBeenCalledTimes(1);
});

it('a new guest is requested a second time, and recognized by the cookie of the first response', async () => {
  expect((await cookies.withCookie(answering('new+', 'new'))).userId).toBe('new');
  expect(cookies.cookiesAreBlocked()).toBe(false);
});

it('a cookie that a slow response to another tab replaced does not count as refused', async () => {
  expect((await cookies.withCookie(answering('one+', 'two+', 'three'))).userId).toBe('three');
  expect(cookies.cookiesAreBlocked()).toBe(false);
});

it('cookies count as refused when each request creates another guest', async () => {
  const asked = cookies.withCookie(answering('one+', 'two+', 'three+'));
  await expect(asked).rejects.toThrow(cookies.CookiesBlockedError);
  expect(cookies.cookiesAreBlocked()).toBe(true);
});

it('a server that does not answer does not count as a refused cookie', async () => {
  const ask = answering('one+');
  ask.mockImplementationOnce(() => Promise.resolve({ me: me('one'), isNew: true }));
  ask.mockImplementationOnce(() => Promise.reject(new Error('The server did not answer')));
  await expect(cookies.withCookie(ask)).rejects.toThrow('The server did not answer');
  expect(cookies.cookiesAreBlocked()).toBe(false);
});

it('a browser that reports disabled cookies counts as refusing them', async () => {
  await load(false);
  expect(cookies.cookiesAreBlocked()).toBe(true);
});
