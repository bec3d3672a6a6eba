/**
 * Whether this browser keeps the cookie by which the server knows who one is. A guest without it is another person at
 * every request: documents would belong to no person, and nobody could open them again.
 *
 * What the browser says of itself is not enough: it may keep the cookies of a page, and not of one within another page,
 * or a proxy may take them away. So somebody who is new here asks twice who one is: the answers must agree.
 */
import type { Me } from '@concord/protocol';
import { useSyncExternalStore } from 'react';

let isBlocked = !navigator.cookieEnabled;
const listeners = new Set<() => void>();

/** The server is told who one is by a cookie, and the browser refuses it. */
export class CookiesBlockedError extends Error {}

/** What was found out so far. */
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
 * Resolves with an answer that a later one would repeat. Rejects with CookiesBlockedError.
 * @param knownId what this browser knew of itself before; then it has had the cookie
 */
export async function withCookie(ask: () => Promise<Me>, knownId: string | null): Promise<Me> {
  let me = await ask();
  // Another request at the same time may have made a guest, too, whose cookie came later.
  for (let asked = 1; me.kind !== 'account' && me.userId !== knownId; asked++) {
    const former = me.userId;
    if (asked === 3) {
      isBlocked = true;
      for (const listener of listeners) listener();
      throw new CookiesBlockedError('This browser refuses cookies');
    }
    me = await ask();
    if (me.userId === former) break;
  }
  return me;
}
