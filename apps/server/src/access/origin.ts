/** Which pages may talk to this server: CORS does not bind WebSocket, so the server looks itself (security.md 1). */

interface Headers {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/** Programs send no Origin; a page's must be of the server itself, or be listed. */
export function isAllowedOrigin(headers: Headers, listed: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (listed.includes(origin)) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host;
}
