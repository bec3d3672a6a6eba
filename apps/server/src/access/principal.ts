/** The principal of a request or connection: the identity that its credentials proved. */
import type { TokenScope } from '@concord/protocol';
import type { Asker } from './core/permissions.ts';
import { roleAtMost, scopesAllow } from './scopes.ts';

export type Principal =
  /** Anonymous: the request had no proof of identity. */
  | { readonly kind: 'nobody' }
  /** A browser with the guest cookie, or a program with a guest token. */
  | { readonly kind: 'guest'; readonly userId: string }
  /** A valid access token. */
  | {
      readonly kind: 'account';
      readonly userId: string;
      readonly authSessionId: string;
      readonly isAdmin: boolean;
      /** Expiry of the access token; milliseconds since 1970. */
      readonly expiresAt: number;
    }
  /** An API token: an account, limited to the scopes of the token. */
  | {
      readonly kind: 'apiToken';
      readonly userId: string;
      readonly tokenId: string;
      readonly scopes: readonly TokenScope[];
      readonly isAdmin: boolean;
      readonly expiresAt: number;
    };

/** Any principal with an identity: at least a guest. */
export type Identified = Exclude<Principal, { kind: 'nobody' }>;
export type AccountPrincipal = Extract<Principal, { kind: 'account' | 'apiToken' }>;
export type SignedInPrincipal = Extract<Principal, { kind: 'account' }>;

/** Null for an anonymous principal. */
export function userIdOf(principal: Principal): string | null {
  return principal.kind === 'nobody' ? null : principal.userId;
}

/** The principal as the permission rules of a document take it. */
export function askerOf(principal: Principal): Asker {
  const userId = userIdOf(principal);
  if (principal.kind !== 'apiToken') return { userId };
  return { userId, atMost: roleAtMost(principal.scopes) };
}

/** Whether the principal may create documents; a setting can exclude guests, but not accounts. */
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

/** The token was not valid: expired, of an ended session, or not issued by this server. */
export class AuthenticationError extends Error {
  /** `expired`: refresh the access token. `ended`: sign in again. */
  readonly code: 'expired' | 'ended' | 'invalid';
  constructor(code: AuthenticationError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface Credentials {
  /** Access token or API token. An invalid one is an error: it never falls back to another identity. */
  readonly token: string | null;
  readonly guestToken: string | null;
  readonly cookie: string | null;
  /** From the read cookie, for a read of a document without another credential (read-cookie.ts). */
  readonly readToken?: string | null;
}

export interface Authenticator {
  /**
   * Rejects with {@link AuthenticationError}. An ended session is refused although its access token
   * has not expired. The cookie of a guest who has signed up since proves nothing: the principal is anonymous.
   */
  principalOf(credentials: Credentials): Promise<Principal>;
}
