/** Return path after signing in. Pure. */

/** A path of this app; for another host, or a page that leads back here, the list (prevents open redirects). */
export function returnPath(query: string): string {
  const path = new URLSearchParams(query).get('returnTo') ?? '/';
  // Browsers interpret "//host" and "/\host" as another host.
  if (!/^\/(?![/\\])/.test(path) || /[\\\s]/.test(path)) return '/';
  return /^\/sign-(in|up)\b/.test(path) ? '/' : path;
}

/** Address of the sign-in page that returns to `from`. */
export function signInPath(page: '/sign-in' | '/sign-up', from: string): string {
  return from === '/' || /^\/sign-(in|up)\b/.test(from)
    ? page
    : `${page}?returnTo=${encodeURIComponent(from)}`;
}
