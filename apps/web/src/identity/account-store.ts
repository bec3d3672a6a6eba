/** Store of the person's identity (account or guest) for all components; signing in and out. */
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

/** Key of the user id of the person's queues on this device, known without the network. */
const OWN_USER_ID = 'concord.userId';
/** Channel to other tabs. Absent in old browsers, where tabs notice a change at their next request. */
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

/** Fetches the identity; concurrent calls share one request. Rejects with an `ApiError` or `CookiesBlockedError`. */
export function loadMe(): Promise<Me> {
  loading ??= withCookie(getMeAnew)
    .then(show)
    .finally(() => (loading = null));
  return loading;
}

/**
 * Resolves once the server has identified the person to this page, at once if it did before. Rejects as {@link loadMe}.
 * Writes wait for it: in a browser that refuses cookies they would belong to a guest who is never recognized again.
 */
export async function beKnown(): Promise<void> {
  if (me === null) await loadMe();
}

/** The person's identity, if known within `patienceMs`; else null. */
export async function knownMe(patienceMs: number): Promise<Me | null> {
  if (me !== null) return me;
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), patienceMs));
  return Promise.race([loadMe().catch(() => null), late]);
}

/** Updates the store after a change of the person's own account. */
export const meChanged = (newMe: Me): void => void show(newMe);

/** Null until the first response. */
export function useMe(): Me | null {
  useEffect(() => {
    // Without a network the identity is not shown; everything else works.
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
 * The person's user id: from this browser if stored, else from the server; null if that does not answer. Never resolves
 * if the browser refuses cookies.
 */
export async function ownUserId(): Promise<string | null> {
  const known = storage.get(OWN_USER_ID);
  const userId =
    known ??
    (await loadMe().then(
      (loaded) => loaded.userId,
      () => null,
    ));
  // The page shows that cookies are required in place of everything.
  if (cookiesAreBlocked()) return new Promise(() => undefined);
  return userId;
}

/** Signs in. Rejects with an `ApiError`. The page must be reloaded then: its state belongs to the former person. */
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
 * Navigates to the single sign-on provider. Rejects with an `ApiError`.
 * @param signOn includes the invitation, in the body because URLs are logged
 */
export async function beginSignOn(signOn: BeginSignOn): Promise<void> {
  const options = { method: 'POST', body: signOn } as const;
  const { location } = await request('/sign-on', begunSignOnSchema, options);
  // The browser may return with a session.
  storage.set(SESSION_FLAG, '1');
  storage.remove(OWN_USER_ID);
  window.location.assign(location);
}

/**
 * Ends the session of this browser. Rejects with an `ApiError`; then the person is still signed in.
 * @returns the user id of the person who was signed in, if known
 */
export async function signOut(): Promise<string | null> {
  const headers = { [ATTEMPT_HEADER]: randomId() };
  const userId = storage.get(OWN_USER_ID);
  await request('/sessions/current', null, { method: 'DELETE', headers });
  leave();
  return userId;
}

/** Cleans up after the account or this session has ended. */
export function leave(): void {
  storage.remove(OWN_USER_ID);
  accessToken.signedOut();
  tabs?.postMessage('signedOut');
}

// When the server ended the session, documents leave this device, which may be a shared computer; except those with
// unsent edits. Signing out in this browser asks instead.
accessToken.onEnded(() => {
  const userId = storage.get(OWN_USER_ID);
  if (userId === null) return;
  void import('../device/remove-from-device.ts').then(({ removeFromDevice }) =>
    removeFromDevice(userId),
  );
});

accessToken.subscribe((token) => {
  if (token !== null) return;
  // The session ended elsewhere: from here on the person is a guest.
  // A pending request may have been answered for the former session.
  const former: Promise<unknown> = loading ?? Promise.resolve();
  former
    .catch(() => undefined)
    .then(loadMe)
    .catch(() => undefined);
});

tabs?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  // Open documents learn of it by their connection; this updates only what is shown.
  if (data === 'signedOut') accessToken.signedOut();
  const renewed = data === 'signedIn' ? accessToken.refresh() : Promise.resolve(null);
  renewed.then(loadMe).catch(() => undefined);
});

/** Whether this browser knew a person in former visits, whose documents may still be on the device. */
export const hasFormerVisits = (): boolean => storage.get(OWN_USER_ID) !== null;
