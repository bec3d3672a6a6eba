/** Who asks: what a request or a connection proved about itself. */
import type { TokenScope } from '@concord/protocol';
import type { Asker } from './core/permissions.ts';
import { roleAtMost, scopesAllow } from './scopes.ts';

export type Principal =
  /** The request did not say. */
  | { readonly kind: 'nobody' }
  /** A browser with the guest cookie, or a program with a guest token. */
  | { readonly kind: 'guest'; readonly userId: string }
  /** A valid access token. */
  | {
      readonly kind: 'account';
      readonly userId: string;
      readonly authSessionId: string;
      readonly isAdmin: boolean;
      /** Of the access token; milliseconds since 1970. */
      readonly expiresAt: number;
    }
  /** An API token: an account, but only for what the token is for. */
  | {
      readonly kind: 'apiToken';
      readonly userId: string;
      readonly tokenId: string;
      readonly scopes: readonly TokenScope[];
      readonly isAdmin: boolean;
      readonly expiresAt: number;
    };

/** Known by something, at least as a guest. */
export type Identified = Exclude<Principal, { kind: 'nobody' }>;
export type AccountPrincipal = Extract<Principal, { kind: 'account' | 'apiToken' }>;
export type SignedInPrincipal = Extract<Principal, { kind: 'account' }>;

/** Null for nobody. */
export function userIdOf(principal: Principal): string | null {
  return principal.kind === 'nobody' ? null : principal.userId;
}

/** The one who asks, as the permissions of a document see them. */
export function askerOf(principal: Principal): Asker {
  const userId = userIdOf(principal);
  if (principal.kind !== 'apiToken') return { userId };
  return { userId, atMost: roleAtMost(principal.scopes) };
}

/** Whether somebody may create documents; where guests may not, accounts still may. */
export function mayCreate(
  { guestsMayCreate }: { readonly guestsMayCreate: boolean },
  principal: Identified,
): boolean {
  switch (principal.kind) {
    case 'guest':
      return guestsMayCreate;
    case 'account':
      return true;
    case 'apiToken':
      return scopesAllow(principal.scopes, 'write');
  }
}

/** The access token was not valid: too old, ended, or never ours. */
export class AuthenticationError extends Error {
  /** `expired`: a new access token is to be had by refreshing. `ended`: sign in again. */
  readonly code: 'expired' | 'ended' | 'invalid';
  constructor(code: AuthenticationError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface Credentials {
  /** Access token or API token. Given but not valid, it is an error: never somebody else instead. */
  readonly token: string | null;
  readonly guestToken: string | null;
  readonly cookie: string | null;
  /** Of the read cookie, where a document is read and nothing else was said (read-cookie.ts). */
  readonly readToken?: string | null;
}

export interface Authenticator {
  /**
   * Rejects with {@link AuthenticationError}. A session that was ended is refused although its access token
   * has not expired. A guest cookie of somebody who has an account by now is nobody's.
   */
  principalOf(credentials: Credentials): Promise<Principal>;
}
