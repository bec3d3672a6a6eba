/**
 * The principal of an HTTP request. An invalid token is an error and never falls back to the guest of the cookie: a
 * page whose access token has expired must learn of it, not write under another identity.
 */
import { GUEST_TOKEN_FIELD, type TokenScope } from '@concord/protocol';
import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify';
import { ScopeNeededError } from '../access/access-error.ts';
import { newGuest } from '../accounts/guest.ts';
import { readTokenOf } from './read-cookie.ts';
import {
  AuthenticationError,
  type AccountPrincipal,
  type Authenticator,
  type Credentials,
  type Identified,
  type Principal,
  type SignedInPrincipal,
} from '../access/principal.ts';
import type { Config } from '../platform/config.ts';
import { Problem } from './problem.ts';

/** The fields read of a request; structural, so that requests of every route schema fit. */
export type AskingRequest = Pick<FastifyRequest, 'headers' | 'ip' | 'protocol' | 'method'> & {
  readonly routeOptions: { readonly config: Pick<FastifyContextConfig, 'browserRead'> };
};
type AnsweringReply = Pick<FastifyReply, 'header'>;

/** The dependencies of this module. */
export interface IdentityContext {
  readonly config: Pick<Config, 'publicUrl'>;
  readonly authenticator: Authenticator;
}

/** Schemes other than Bearer are for proxies in front, and are ignored. */
export function credentialsOf(request: Pick<AskingRequest, 'headers'>): Credentials {
  const { authorization, cookie, [GUEST_TOKEN_FIELD.toLowerCase()]: guestToken } = request.headers;
  const bearer = authorization === undefined ? null : /^bearer +(.*)$/i.exec(authorization.trim());
  return {
    token: bearer?.[1] ?? null,
    guestToken: typeof guestToken === 'string' ? guestToken : null,
    cookie: cookie ?? null,
  };
}

/** The token of the read cookie, for reads where a page cannot send the access token; null for any other request. */
export function readTokenOfRequest(request: AskingRequest): string | null {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || request.routeOptions.config.browserRead !== true) return null;
  const { authorization, [GUEST_TOKEN_FIELD.toLowerCase()]: guestToken } = request.headers;
  if (authorization !== undefined || guestToken !== undefined) return null;
  return readTokenOf(request.headers);
}

/** Memoised per request, which several hooks and handlers resolve. */
const known = new WeakMap<AskingRequest, Promise<Principal>>();

/** Rejects with a {@link Problem} 401 `tokenExpired`, `signedOut` or `invalidToken`. */
export function principalOfRequest(
  { authenticator }: IdentityContext,
  request: AskingRequest,
): Promise<Principal> {
  let principal = known.get(request);
  if (principal === undefined) {
    const readToken = readTokenOfRequest(request);
    principal = authenticator
      .principalOf({ ...credentialsOf(request), readToken })
      .catch(refuseToken);
    known.set(request, principal);
  }
  return principal;
}

const tokenProblems = {
  expired: ['tokenExpired', 'The access token is too old: get a new one by refreshing.'],
  ended: ['signedOut', 'This session was ended: sign in again.'],
  invalid: ['invalidToken', 'The access token is not valid here: sign in again.'],
} as const satisfies Record<AuthenticationError['code'], readonly [code: string, detail: string]>;

function refuseToken(error: unknown): never {
  if (!(error instanceof AuthenticationError)) throw error;
  const [code, detail] = tokenProblems[error.code];
  throw new Problem(401, code, 'Not signed in', detail, {
    'www-authenticate': 'Bearer error="invalid_token"',
  });
}

/**
 * The principal of the request; a new browser gets a guest cookie, and is that guest from then on.
 *
 * Rejects with a {@link Problem} 401 `cookieNeeded` when a page writes without any identity: in a browser that refuses
 * cookies, each write would belong to another guest. The answer sets the cookie of a new guest, so that in any other
 * browser the retry is accepted. Programs, which send no `Origin`, may start with a write; they are known by the cookie
 * of the answer if they keep it.
 */
export async function requireIdentity(
  context: IdentityContext,
  request: AskingRequest,
  reply: AnsweringReply,
): Promise<Identified> {
  const principal = await principalOfRequest(context, request);
  if (principal.kind !== 'nobody') return principal;
  const guest = becomeNewGuest(context, request, reply);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead && request.headers.origin !== undefined) throw cookieNeeded();
  known.set(request, Promise.resolve(guest));
  return guest;
}

function cookieNeeded(): Problem {
  const detail =
    'This browser sent no cookie to be known by, and nothing was written. Allow cookies for this site, then try again.';
  return new Problem(401, 'cookieNeeded', 'Cookie needed', detail, {
    'www-authenticate': 'Bearer',
  });
}

/** Gives the browser a new guest identity, and sets its cookie. */
export function becomeNewGuest(
  { config }: Pick<IdentityContext, 'config'>,
  request: AskingRequest,
  reply: AnsweringReply,
): Extract<Principal, { kind: 'guest' }> {
  const { identity, setCookies } = newGuest(isHttps(config, request));
  void reply.header('set-cookie', setCookies);
  return { kind: 'guest', userId: identity.userId };
}

/**
 * The account of the request. An API token counts only where a scope is given, and needs that scope.
 * Rejects with a {@link Problem} 401 `signInNeeded`, or {@link ScopeNeededError}.
 */
export async function requireAccount(
  context: IdentityContext,
  request: AskingRequest,
): Promise<SignedInPrincipal>;
export async function requireAccount(
  context: IdentityContext,
  request: AskingRequest,
  scope: TokenScope,
): Promise<AccountPrincipal>;
export async function requireAccount(
  context: IdentityContext,
  request: AskingRequest,
  scope?: TokenScope,
): Promise<AccountPrincipal> {
  const principal = await principalOfRequest(context, request);
  if (principal.kind === 'account') return principal;
  if (principal.kind === 'apiToken') {
    requireScope(principal, scope);
    return principal;
  }
  throw new Problem(401, 'signInNeeded', 'Not signed in', 'This needs an account: sign in first.', {
    'www-authenticate': 'Bearer',
  });
}

/** Refuses an API token without the scope; without a scope, every API token. Others pass. */
export function requireScope(principal: Principal, scope: TokenScope | undefined): void {
  if (principal.kind !== 'apiToken') return;
  if (scope !== undefined && principal.scopes.includes(scope)) return;
  throw new ScopeNeededError(scope ?? null);
}

/** Rejects with a {@link Problem} 403 `adminNeeded`, or as {@link requireAccount}. */
export async function requireAdmin(
  context: IdentityContext,
  request: AskingRequest,
): Promise<SignedInPrincipal> {
  const principal = await requireAccount(context, request);
  if (principal.isAdmin) return principal;
  throw new Problem(403, 'adminNeeded', 'Forbidden', 'Only administrators may do this.');
}

/**
 * Whether the browser uses https, so that its cookies are Secure. Behind a proxy that is not listed as trusted, the
 * Origin of the page decides; a forged one could only make the cookie stricter.
 */
export function isHttps(config: Pick<Config, 'publicUrl'>, request: AskingRequest): boolean {
  return (
    request.protocol === 'https' ||
    config.publicUrl?.startsWith('https:') === true ||
    request.headers.origin?.startsWith('https:') === true
  );
}
