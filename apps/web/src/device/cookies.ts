/**
 * Detects whether this browser keeps the cookie that identifies a guest. Without it each request creates another guest:
 * documents would belong to a person who is never seen again, and could not be opened later.
 *
 * `navigator.cookieEnabled` is not enough: an extension or a proxy may remove cookies. So the server's response says
 * whether the request carried an identification; if it still does not after a cookie was set, the cookie was refused.
 * A lost cookie, an expired one and an unreachable server are not taken for a refusal.
 */
import type { Me } from '@concord/protocol';
import { useSyncExternalStore } from 'react';

/** Requests at most. More than two, since a slow response to another tab may replace the first cookie. */
const MAX_REQUESTS = 3;

let isBlocked = !navigator.cookieEnabled;
const listeners = new Set<() => void>();

/** The browser refuses the cookie by which the server recognizes a guest. */
export class CookiesBlockedError extends Error {}

/** As detected so far. */
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
 * Repeats `ask` until the server recognizes this browser. Rejects with {@link CookiesBlockedError}, or as `ask`.
 * @param ask resolves with `isNew` if the request carried no identification
 */
export async function withCookie(
  ask: () => Promise<{ readonly me: Me; readonly isNew: boolean }>,
): Promise<Me> {
  for (let asked = 0; asked < MAX_REQUESTS; asked++) {
    const { me, isNew } = await ask();
    if (!isNew) return me;
  }
  isBlocked = true;
  for (const listener of listeners) listener();
  throw new CookiesBlockedError('This browser refuses cookies');
}
