/** The cookie of the refresh token: scripts cannot read it, other sites cannot send it (security.md 6). */
import { parseCookie, stringifySetCookie } from 'cookie';

const NAME = 'concord_refresh';
/** Only where it is exchanged and ended. */
const PATH = '/api/v1/sessions';

export function refreshTokenOf(headers: { readonly cookie?: string | undefined }): string | null {
  return headers.cookie === undefined ? null : (parseCookie(headers.cookie)[NAME] ?? null);
}

/** `Set-Cookie` that keeps the token; @param expiresAt milliseconds since 1970 */
export function refreshCookie(token: string, expiresAt: number, isHttps: boolean): string {
  return cookie(token, new Date(expiresAt), isHttps);
}

/** `Set-Cookie` that takes it away. */
export function noRefreshCookie(isHttps: boolean): string {
  return cookie('', new Date(0), isHttps);
}

function cookie(value: string, expires: Date, isHttps: boolean): string {
  return stringifySetCookie({
    name: NAME,
    value,
    expires,
    httpOnly: true,
    sameSite: 'strict',
    path: PATH,
    secure: isHttps,
  });
}
