/**
 * Whether this browser keeps the cookie by which the server knows a guest. Without it a guest is another one at every
 * request: documents would belong to no person, and could not be opened again.
 *
 * What the browser says of itself is not enough: an extension or a proxy may take cookies away. So the server says of its
 * answer that the request carried nothing to know the guest by; if it says so again after it gave a cookie, the cookie
 * was refused. A lost cookie, an expired one, and a server that does not answer are no such thing.
 */
import type { Me } from '@concord/protocol';
import { useSyncExternalStore } from 'react';

/** More than two: a slow answer to another tab may have taken the place of the first cookie. */
const ASKED_AT_MOST = 3;

let isBlocked = !navigator.cookieEnabled;
const listeners = new Set<() => void>();

/** The server knows guests by a cookie, and the browser refuses it. */
export class CookiesBlockedError extends Error {}

/** As far as was found out by now. */
export const cookiesAreBlocked = (): boolean => isBlocked;

export function useCookiesAreBlocked(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => isBlocked,
  );
}

/**
 * Asks until the server knows this browser by what it sent. Rejects with {@link CookiesBlockedError}, or as `ask`.
 * @param ask `isNew` when the request carried nothing to be known by
 */
export async function withCookie(
  ask: () => Promise<{ readonly me: Me; readonly isNew: boolean }>,
): Promise<Me> {
  for (let asked = 0; asked < ASKED_AT_MOST; asked++) {
    const { me, isNew } = await ask();
    if (!isNew) return me;
  }
  isBlocked = true;
  for (const listener of listeners) listener();
  throw new CookiesBlockedError('This browser refuses cookies');
}
