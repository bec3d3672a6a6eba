/**
 * The cookie by which a signed-in person's browser reads documents where no script of the page can send the access
 * token: links, downloads, images, event streams. It is as short-lived as the access token and renewed along with it,
 * is good for reading documents alone, and other sites cannot send it.
 */
import { ProofCookie, type CookieHeaders } from '../platform/cookies.ts';

/** Only where documents are read. */
const PATHS = ['/d', '/api/v1/documents'] as const;
const ofPaths = PATHS.map((path) => new ProofCookie({ name: 'concord_read', path, sameSite: 'strict' })); // prettier-ignore
const [readCookie] = ofPaths;

interface ReadHeaders extends CookieHeaders {
  readonly [name: string]: string | readonly string[] | undefined;
}

/** Null when there is none, and on a request that a page of another origin caused, as far as the browser says so. */
export function readTokenOf(headers: ReadHeaders): string | null {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return null;
  // The same name for all paths.
  return readCookie?.valueOf(headers) ?? null;
}

/** `Set-Cookie` headers that keep the token; @param maxAgeMs how long it is good from now on */
export function readCookies(token: string, maxAgeMs: number, isHttps: boolean): string[] {
  return ofPaths.flatMap((cookie) => cookie.keep(token, maxAgeMs, isHttps));
}

/** `Set-Cookie` headers that take it away. */
export function noReadCookies(isHttps: boolean): string[] {
  return ofPaths.flatMap((cookie) => cookie.remove(isHttps));
}
