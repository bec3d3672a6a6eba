/** Guests: a random token in a cookie is all there is; the user id is its hash, so nothing secret is stored. */
import { createHash } from 'node:crypto';
import { GUEST_TOKEN_FIELD, randomId } from '@concord/protocol';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Store } from '../store/store.ts';
import { guestName } from './guest-names.ts';

export interface Identity {
  readonly userId: string;
}

const COOKIE = 'concord_guest';
/** Where people come by https: no other host of the site, and no page by http, can set a cookie of this name. */
const HOST_COOKIE = `__Host-${COOKIE}`;
/** A year, renewed with every page. */
const COOKIE_SECONDS = 365 * 24 * 60 * 60;
/** Shorter ones could be guessed; longer ones are nobody's. */
const tokenPattern = /^[\w-]{20,100}$/;

interface RequestHeaders {
  readonly cookie?: string | undefined;
  readonly [name: string]: string | readonly string[] | undefined;
}

/** Who asks, by cookie or by the header of a program; null when the request does not say. */
export function identityOf(headers: RequestHeaders, guestToken?: unknown): Identity | null {
  const token = guestToken ?? headers[GUEST_TOKEN_FIELD.toLowerCase()] ?? tokenOfCookie(headers);
  if (typeof token !== 'string' || !tokenPattern.test(token)) return null;
  return { userId: userIdOf(token) };
}

/** By the other name guests are known who came before, or by http. */
function tokenOfCookie(headers: RequestHeaders): string | undefined {
  if (headers.cookie === undefined) return undefined;
  const cookies = parseCookie(headers.cookie);
  return cookies[HOST_COOKIE] ?? cookies[COOKIE];
}

/** 128 bits of the token's SHA-256. */
function userIdOf(token: string): string {
  return createHash('sha256').update(`concord guest ${token}`).digest('hex').slice(0, 32);
}

/** A new guest, and the `Set-Cookie` headers that make the browser remember. */
export function newGuest(isHttps: boolean): { identity: Identity; setCookies: string[] } {
  const token = randomId();
  return { identity: { userId: userIdOf(token) }, setCookies: cookiesFor(token, isHttps) };
}

/** Keeps a known guest known; undefined when the request carries no valid cookie. */
export function renewedCookies(headers: RequestHeaders, isHttps: boolean): string[] | undefined {
  const token = tokenOfCookie(headers);
  return token !== undefined && tokenPattern.test(token) ? cookiesFor(token, isHttps) : undefined;
}

/** One name has the token; the other is taken away by https, so that it cannot bring back another guest. */
function cookiesFor(token: string, isHttps: boolean): string[] {
  const shared = { httpOnly: true, sameSite: 'lax', path: '/', secure: isHttps } as const;
  const kept = { ...shared, value: token, maxAge: COOKIE_SECONDS };
  if (!isHttps) return [stringifySetCookie({ name: COOKIE, ...kept })];
  return [
    stringifySetCookie({ name: HOST_COOKIE, ...kept }),
    stringifySetCookie({ name: COOKIE, ...shared, value: '', maxAge: 0 }),
  ];
}

/** The name a person chose, or a friendly one of their own. */
export async function displayName(store: Store, userId: string): Promise<string> {
  return (await store.people.nameOf(userId)) ?? guestName(userId);
}
