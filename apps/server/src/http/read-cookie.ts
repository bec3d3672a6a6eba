/**
 * Read cookie: authenticates a signed-in browser where a page cannot send the access token (links, downloads, images,
 * event streams). It expires and is renewed with the access token, allows only reading documents, and is same-site.
 */
import { ProofCookie, type CookieHeaders } from '../platform/cookies.ts';

/** Sent only to the paths that serve documents. */
const PATHS = ['/d', '/api/v1/documents'] as const;
const ofPaths = PATHS.map((path) => new ProofCookie({ name: 'concord_read', path, sameSite: 'strict' })); // prettier-ignore
const [readCookie] = ofPaths;

interface ReadHeaders extends CookieHeaders {
  readonly [name: string]: string | readonly string[] | undefined;
}

/** Null without the cookie, and for requests that the browser marks as caused by another origin. */
export function readTokenOf(headers: ReadHeaders): string | null {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return null;
  // The same name for all paths.
  return readCookie?.valueOf(headers) ?? null;
}

/** `Set-Cookie` headers that keep the token; @param maxAgeMs lifetime from now on */
export function readCookies(token: string, maxAgeMs: number, isHttps: boolean): string[] {
  return ofPaths.flatMap((cookie) => cookie.keep(token, maxAgeMs, isHttps));
}

/** `Set-Cookie` headers that delete it. */
export function noReadCookies(isHttps: boolean): string[] {
  return ofPaths.flatMap((cookie) => cookie.remove(isHttps));
}
