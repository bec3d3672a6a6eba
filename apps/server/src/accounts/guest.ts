/** Guests: identified by a random token in a cookie. The user id is its hash, so that no secret is stored. */
import { createHash } from 'node:crypto';
import { GUEST_TOKEN_FIELD, randomId } from '@concord/protocol';
import { ProofCookie, type CookieHeaders } from '../platform/cookies.ts';
import type { Store } from '../store/ports/store.ts';
import { guestName } from '../access/guest-names.ts';

export interface Identity {
  readonly userId: string;
}

const guestCookie = new ProofCookie({ name: 'concord_guest', path: '/', sameSite: 'lax' });
/** A year, renewed with each page load. */
const COOKIE_MS = 365 * 24 * 60 * 60 * 1_000;
/** Shorter tokens could be guessed; longer ones are never issued. */
const tokenPattern = /^[\w-]{20,100}$/;

interface RequestHeaders extends CookieHeaders {
  readonly [name: string]: string | readonly string[] | undefined;
}

/** The guest of the cookie or of a program's header; null when the request has neither. */
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

/** A new guest, and the `Set-Cookie` headers that store its token in the browser. */
export function newGuest(isHttps: boolean): { identity: Identity; setCookies: string[] } {
  const token = randomId();
  return {
    identity: { userId: userIdOf(token) },
    setCookies: guestCookie.keep(token, COOKIE_MS, isHttps),
  };
}

/** `Set-Cookie` headers that extend the expiry of the cookie; undefined when the request carries no valid one. */
export function renewedCookies(headers: RequestHeaders, isHttps: boolean): string[] | undefined {
  const token = guestCookie.valueOf(headers);
  return token !== null && tokenPattern.test(token)
    ? guestCookie.keep(token, COOKIE_MS, isHttps)
    : undefined;
}

/** The name a person chose, or a generated one that is stable for the person. */
export async function displayName(store: Pick<Store, 'people'>, userId: string): Promise<string> {
  return (await store.people.nameOf(userId)) ?? guestName(userId);
}
