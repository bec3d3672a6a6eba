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

/** A server that answers these in turn, the last one again and again; those with `+` make a new guest. */
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

it('asks once when the browser sent its cookie', async () => {
  const ask = answering('ann');
  expect((await cookies.withCookie(ask)).userId).toBe('ann');
  expect(ask).toHaveBeenCalledTimes(1);
});

it('asks a new guest again, who is known by the cookie that came first', async () => {
  expect((await cookies.withCookie(answering('new+', 'new'))).userId).toBe('new');
  expect(cookies.cookiesAreBlocked()).toBe(false);
});

it('takes no cookie for refused that a slow answer to another tab replaced', async () => {
  expect((await cookies.withCookie(answering('one+', 'two+', 'three'))).userId).toBe('three');
  expect(cookies.cookiesAreBlocked()).toBe(false);
});

it('knows by a guest who is a new one every time that cookies are refused', async () => {
  const asked = cookies.withCookie(answering('one+', 'two+', 'three+'));
  await expect(asked).rejects.toThrow(cookies.CookiesBlockedError);
  expect(cookies.cookiesAreBlocked()).toBe(true);
});

it('takes no silence of the server for a refused cookie', async () => {
  const ask = answering('one+');
  ask.mockImplementationOnce(() => Promise.resolve({ me: me('one'), isNew: true }));
  ask.mockImplementationOnce(() => Promise.reject(new Error('The server did not answer')));
  await expect(cookies.withCookie(ask)).rejects.toThrow('The server did not answer');
  expect(cookies.cookiesAreBlocked()).toBe(false);
});

it('believes a browser that says itself that it refuses cookies', async () => {
  await load(false);
  expect(cookies.cookiesAreBlocked()).toBe(true);
});
