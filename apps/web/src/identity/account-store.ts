/** Who one is here, for all that show or need it; signing in and out. */
import {
  ATTEMPT_HEADER,
  begunSignOnSchema,
  randomId,
  signedInSchema,
  type BeginSignOn,
  type Me,
  type SignIn,
  type SignUp,
} from '@concord/protocol';
import { useEffect, useSyncExternalStore } from 'react';
import { getMeAnew, request } from '../http/api.ts';
import { accessToken } from '../http/access-token.ts';
import { cookiesAreBlocked, withCookie } from '../device/cookies.ts';
import { SESSION_FLAG } from '../http/refresh.ts';
import { storage } from '../device/storage.ts';

/** Whose queues on this device are one's own, known without the network. */
const OWN_USER_ID = 'concord.userId';
/** Other tabs of this browser. Absent in old browsers: they find out at their next request. */
const tabs =
  typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('concord.account');

let me: Me | null = null;
let loading: Promise<Me> | null = null;
const listeners = new Set<() => void>();

function show(newMe: Me): Me {
  me = newMe;
  storage.set(OWN_USER_ID, newMe.userId);
  for (const listener of listeners) listener();
  return newMe;
}

/** Asks the server who one is; at most one question at a time. Rejects with an `ApiError` or `CookiesBlockedError`. */
export function loadMe(): Promise<Me> {
  loading ??= withCookie(getMeAnew)
    .then(show)
    .finally(() => (loading = null));
  return loading;
}

/**
 * Resolves when the server has answered this page who one is, at once if it did before. Rejects as {@link loadMe}.
 * Writes for a person wait for it: in a browser that refuses cookies they would belong to a guest who is never recognized.
 */
export async function beKnown(): Promise<void> {
  if (me === null) await loadMe();
}

/** What is known of oneself by now, or within `patienceMs`; null when the server does not answer so soon. */
export async function knownMe(patienceMs: number): Promise<Me | null> {
  if (me !== null) return me;
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), patienceMs));
  return Promise.race([loadMe().catch(() => null), late]);
}

/** Something about oneself was changed. */
export const meChanged = (newMe: Me): void => void show(newMe);

/** Null until the server has answered for the first time. */
export function useMe(): Me | null {
  useEffect(() => {
    // Without a network nothing is shown of oneself; everything else works.
    const load = (): void => void (me === null && loadMe().catch(() => undefined));
    load();
    addEventListener('online', load);
    return () => removeEventListener('online', load);
  }, []);
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => me,
  );
}

/**
 * One's user id: at once when this browser knows it; null when it does not, and the server does not answer. It never
 * resolves when the browser refuses cookies.
 */
export async function ownUserId(): Promise<string | null> {
  const known = storage.get(OWN_USER_ID);
  const userId =
    known ??
    (await loadMe().then(
      (loaded) => loaded.userId,
      () => null,
    ));
  // Nothing begins then: the page says that cookies are needed in place of everything.
  if (cookiesAreBlocked()) return new Promise(() => undefined);
  return userId;
}

/** Rejects with an `ApiError`. The page is loaded anew afterwards: everything in it is somebody's. */
export async function signIn(credentials: SignIn): Promise<void> {
  await enter('/sessions', credentials);
}

export async function signUp(account: SignUp): Promise<void> {
  await enter('/accounts', account);
}

async function enter(path: string, body: SignIn | SignUp): Promise<void> {
  const session = await request(path, signedInSchema, { method: 'POST', body });
  accessToken.signedIn(session.accessToken, session.livesMs);
  storage.set(OWN_USER_ID, session.userId);
  tabs?.postMessage('signedIn');
}

/**
 * Sends the browser to the provider of the single sign-on. Rejects with an `ApiError`.
 * @param signOn the invitation among it is in the body: addresses get into logs
 */
export async function beginSignOn(signOn: BeginSignOn): Promise<void> {
  const options = { method: 'POST', body: signOn } as const;
  const { location } = await request('/sign-on', begunSignOnSchema, options);
  // What comes back may be signed in.
  storage.set(SESSION_FLAG, '1');
  storage.remove(OWN_USER_ID);
  window.location.assign(location);
}

/**
 * Ends the session of this browser. Rejects with an `ApiError`; then one is signed in still.
 * @returns the user id of the person who was signed in, if it is known
 */
export async function signOut(): Promise<string | null> {
  const headers = { [ATTEMPT_HEADER]: randomId() };
  const userId = storage.get(OWN_USER_ID);
  await request('/sessions/current', null, { method: 'DELETE', headers });
  leave();
  return userId;
}

/** The account, or this session of it, is gone already. */
export function leave(): void {
  storage.remove(OWN_USER_ID);
  accessToken.signedOut();
  tabs?.postMessage('signedOut');
}

// A shared computer keeps nothing to read of a session that the server ended, but for what was never sent. Signing
// out in this browser asks instead.
accessToken.onEnded(() => {
  const userId = storage.get(OWN_USER_ID);
  if (userId === null) return;
  void import('../device/remove-from-device.ts').then(({ removeFromDevice }) =>
    removeFromDevice(userId),
  );
});

accessToken.subscribe((token) => {
  if (token !== null) return;
  // Ended elsewhere, as the server said: from here on one is a guest.
  // A question that is under way may be the one that was answered so.
  const former: Promise<unknown> = loading ?? Promise.resolve();
  former
    .catch(() => undefined)
    .then(loadMe)
    .catch(() => undefined);
});

tabs?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  // Documents that are open find out by their connection; here it is only what is shown.
  if (data === 'signedOut') accessToken.signedOut();
  const renewed = data === 'signedIn' ? accessToken.refresh() : Promise.resolve(null);
  renewed.then(loadMe).catch(() => undefined);
});

/** Whether a person was known in this browser in former visits, for whom the device may still keep documents. */
export const hasFormerVisits = (): boolean => storage.get(OWN_USER_ID) !== null;
