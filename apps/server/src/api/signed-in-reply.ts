/** What the routes of accounts and sessions have in common: who signs in from where, cookies, no caches. */
import { ATTEMPT_HEADER, type SignedIn } from '@concord/protocol';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { SignInPlace, StartedSession } from '../accounts/auth-sessions.ts';
import { noReadCookies, readCookies } from '../http/read-cookie.ts';
import { refreshCookie } from '../http/refresh-cookie.ts';
import type { Config } from '../platform/config.ts';
import { Problem } from '../http/problem.ts';
import { isHttps, type AskingRequest } from '../http/principal-of-request.ts';

/** Nothing here may be kept by a cache or by the browser's history. */
export const noStore: onRequestHookHandler = (_request, reply, done) => {
  void reply.header('cache-control', 'no-store');
  done();
};

export function placeOf(request: Pick<FastifyRequest, 'headers' | 'ip'>): SignInPlace {
  return { userAgent: request.headers['user-agent'] ?? '', address: request.ip };
}

/** Sets the cookies of refresh and reading; the rest is the body of the answer. */
export function keepSignedIn(
  config: Pick<Config, 'publicUrl'>,
  request: AskingRequest,
  reply: Pick<FastifyReply, 'header'>,
  { refreshToken, refreshExpiresAt, readToken, signedIn }: StartedSession,
): SignedIn {
  const secure = isHttps(config, request);
  void reply.header('set-cookie', [
    ...refreshCookie.keep(refreshToken, refreshExpiresAt - Date.now(), secure),
    ...readCookies(readToken, signedIn.livesMs, secure),
  ]);
  return signedIn;
}

export function forgetSignIn(
  config: Pick<Config, 'publicUrl'>,
  request: AskingRequest,
  reply: Pick<FastifyReply, 'header'>,
): void {
  const secure = isHttps(config, request);
  void reply.header('set-cookie', [...refreshCookie.remove(secure), ...noReadCookies(secure)]);
}

/** Chosen at random, or another's could be met by chance; as long as an id at least. */
const attemptPattern = /^[\w-]{16,100}$/;

/**
 * The header that pages of other origins cannot send, beside the check of `Origin` that all writes pass.
 * Throws a {@link Problem} 403 `attemptNeeded`.
 */
export function requireAttempt(request: Pick<FastifyRequest, 'headers'>): string {
  const attempt = request.headers[ATTEMPT_HEADER];
  if (typeof attempt === 'string' && attemptPattern.test(attempt)) return attempt;
  const detail = `The header ${ATTEMPT_HEADER} must have 16 to 100 random letters, digits or dashes.`;
  throw new Problem(403, 'attemptNeeded', 'Forbidden', detail);
}
