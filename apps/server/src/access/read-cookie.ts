/**
 * The cookie by which a signed-in person's browser reads documents where no script of the page can send the access
 * token: links, downloads, images, event streams. It is as short-lived as the access token and renewed along with it,
 * is good for reading documents alone, and other sites cannot send it.
 */
import { parseCookie, stringifySetCookie } from 'cookie';

const NAME = 'concord_read';
/** Where people come by https, no page by http can set a cookie of this name; `__Host-` allows no paths. */
const SECURE_NAME = `__Secure-${NAME}`;
/** Only where documents are read. */
const PATHS = ['/d', '/api/v1/documents'] as const;

interface ReadHeaders {
  readonly cookie?: string | undefined;
  readonly [name: string]: string | readonly string[] | undefined;
}

/** Null when there is none, and on a request that a page of another origin caused, as far as the browser says so. */
export function readTokenOf(headers: ReadHeaders): string | null {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return null;
  if (headers.cookie === undefined) return null;
  const cookies = parseCookie(headers.cookie);
  return cookies[SECURE_NAME] ?? cookies[NAME] ?? null;
}

/** `Set-Cookie` headers that keep the token; @param maxAgeMs how long it is good from now on */
export function readCookies(token: string, maxAgeMs: number, isHttps: boolean): string[] {
  return PATHS.map((path) => cookie(token, path, Math.max(0, Math.floor(maxAgeMs / 1_000)), isHttps)); // prettier-ignore
}

/** `Set-Cookie` headers that take it away. */
export function noReadCookies(isHttps: boolean): string[] {
  return PATHS.map((path) => cookie('', path, 0, isHttps));
}

function cookie(value: string, path: string, maxAge: number, isHttps: boolean): string {
  return stringifySetCookie({
    name: isHttps ? SECURE_NAME : NAME,
    value,
    maxAge,
    httpOnly: true,
    sameSite: 'strict',
    path,
    secure: isHttps,
  });
}
