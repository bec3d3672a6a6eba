/** Guests: a random token in a cookie is all there is; the user id is its hash, so nothing secret is stored. */
import { createHash } from 'node:crypto';
import { GUEST_TOKEN_FIELD, randomId } from '@concord/protocol';
import { ProofCookie, type CookieHeaders } from '../platform/cookies.ts';
import type { Store } from '../store/ports/store.ts';
import { guestName } from '../access/guest-names.ts';

export interface Identity {
  readonly userId: string;
}

const guestCookie = new ProofCookie({ name: 'concord_guest', path: '/', sameSite: 'lax' });
/** A year, renewed with every page. */
const COOKIE_MS = 365 * 24 * 60 * 60 * 1_000;
/** Shorter ones could be guessed; longer ones are nobody's. */
const tokenPattern = /^[\w-]{20,100}$/;

interface RequestHeaders extends CookieHeaders {
  readonly [name: string]: string | readonly string[] | undefined;
}

/** Who asks, by cookie or by the header of a program; null when the request does not say. */
export function identityOf(headers: RequestHeaders, guestToken?: unknown): Identity | null {
  const token =
    guestToken ?? headers[GUEST_TOKEN_FIELD.toLowerCase()] ?? guestCookie.valueOf(headers);
  if (typeof token !== 'string' || !tokenPattern.test(token)) return null;
  return { userId: userIdOf(token) };
}

/** 128 bits of the token's SHA-256. */
function userIdOf(token: string): string {
  return createHash('sha256').update(`concord guest ${token}`).digest('hex').slice(0, 32);
}

/** A new guest, and the `Set-Cookie` headers that make the browser remember. */
export function newGuest(isHttps: boolean): { identity: Identity; setCookies: string[] } {
  const token = randomId();
  return {
    identity: { userId: userIdOf(token) },
    setCookies: guestCookie.keep(token, COOKIE_MS, isHttps),
  };
}

/** Keeps a known guest known; undefined when the request carries no valid cookie. */
export function renewedCookies(headers: RequestHeaders, isHttps: boolean): string[] | undefined {
  const token = guestCookie.valueOf(headers);
  return token !== null && tokenPattern.test(token)
    ? guestCookie.keep(token, COOKIE_MS, isHttps)
    : undefined;
}

/** The name a person chose, or a friendly one of their own. */
export async function displayName(store: Pick<Store, 'people'>, userId: string): Promise<string> {
  return (await store.people.nameOf(userId)) ?? guestName(userId);
}
