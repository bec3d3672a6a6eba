/** Where to go after signing in: a page of this server, or the list of documents. */

const ANY_ORIGIN = 'https://concord.invalid';

/** A path with query and fragment. Anything that a browser could take for another place becomes `/`. */
export function localPath(returnTo: string | undefined): string {
  if (returnTo === undefined || !returnTo.startsWith('/')) return '/';
  if (!URL.canParse(returnTo, ANY_ORIGIN)) return '/';
  // As the browser reads it: `//host`, `/\host` and control characters between are other origins.
  const url = new URL(returnTo, ANY_ORIGIN);
  if (url.origin !== ANY_ORIGIN || url.pathname.startsWith('//')) return '/';
  if (url.pathname.startsWith('/api/')) return '/';
  return url.pathname + url.search + url.hash;
}
