/**
 * Who asks by HTTP. A token that is given but not valid is an error, never the guest of the cookie instead:
 * a page whose access token is too old must learn it, not write as somebody else.
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

/** What is read of a request; structural, so that requests of every schema fit. */
export type AskingRequest = Pick<FastifyRequest, 'headers' | 'ip' | 'protocol' | 'method'> & {
  readonly routeOptions: { readonly config: Pick<FastifyContextConfig, 'browserRead'> };
};
type AnsweringReply = Pick<FastifyReply, 'header'>;

/** What the functions here need of the context of the routes. */
export interface IdentityContext {
  readonly config: Pick<Config, 'publicUrl'>;
  readonly authenticator: Authenticator;
}

/** Other schemes than Bearer are for proxies in front, and say nothing here. */
export function credentialsOf(request: Pick<AskingRequest, 'headers'>): Credentials {
  const { authorization, cookie, [GUEST_TOKEN_FIELD.toLowerCase()]: guestToken } = request.headers;
  const bearer = authorization === undefined ? null : /^bearer +(.*)$/i.exec(authorization.trim());
  return {
    token: bearer?.[1] ?? null,
    guestToken: typeof guestToken === 'string' ? guestToken : null,
    cookie: cookie ?? null,
  };
}

/** By what a browser reads a document where the page cannot send the access token; null for any other request. */
export function readTokenOfRequest(request: AskingRequest): string | null {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || request.routeOptions.config.browserRead !== true) return null;
  const { authorization, [GUEST_TOKEN_FIELD.toLowerCase()]: guestToken } = request.headers;
  if (authorization !== undefined || guestToken !== undefined) return null;
  return readTokenOf(request.headers);
}

/** One answer per request, however many hooks and handlers ask. */
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
 * Who asks; a browser that is new here gets a guest cookie, and is that guest from then on.
 *
 * Rejects with a {@link Problem} 401 `cookieNeeded` when a page writes without being known by anything: in a browser that
 * refuses cookies, each write would belong to another guest. The answer has the cookie of a new guest,
 * so that in any other browser the next attempt is accepted. Programs, which send no `Origin`, may begin with a write:
 * those that keep the cookie of the answer are known by it.
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

/** Gives the browser another guest identity, by its cookie. */
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
 * An account. API tokens are accounts only where a scope is named, and they need it.
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
 * Whether the browser came by https: then its cookies are Secure. The page's own origin tells it too, behind
 * a proxy that nobody listed; a wrong one could only make a cookie stricter.
 */
export function isHttps(config: Pick<Config, 'publicUrl'>, request: AskingRequest): boolean {
  return (
    request.protocol === 'https' ||
    config.publicUrl?.startsWith('https:') === true ||
    request.headers.origin?.startsWith('https:') === true
  );
}
