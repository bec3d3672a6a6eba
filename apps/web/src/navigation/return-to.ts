/** Where somebody was before signing in. Pure. */

/** A path of this app and nothing else: an address elsewhere, or a page that leads back here, is the list. */
export function returnPath(query: string): string {
  const path = new URLSearchParams(query).get('returnTo') ?? '/';
  // A browser reads "//host" and "/\host" as another host.
  if (!/^\/(?![/\\])/.test(path) || /[\\\s]/.test(path)) return '/';
  return /^\/sign-(in|up)\b/.test(path) ? '/' : path;
}

/** Address of the sign-in page that leads back to where one is. */
export function signInPath(page: '/sign-in' | '/sign-up', from: string): string {
  return from === '/' || /^\/sign-(in|up)\b/.test(from)
    ? page
    : `${page}?returnTo=${encodeURIComponent(from)}`;
}
