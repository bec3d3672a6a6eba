/** Resolves credentials to a principal. An invalid token is an error and never falls back to another identity. */
import type { Store } from '../store/ports/store.ts';
import type { AccessClaims, AccessTokens } from './access-tokens.ts';
import type { AccountStates } from './account-states.ts';
import { identityOf } from './guest.ts';
import {
  AuthenticationError,
  type Authenticator,
  type Credentials,
  type Principal,
} from '../access/principal.ts';
import { randomSecret, tokenHash } from './secrets.ts';

const API_TOKEN_PREFIX = 'concord_';
const apiTokenPattern = /^concord_[a-z2-7]{52}$/;
/** "Last used" is shown to people, who need no precision; written with each request, every read would cost a write. */
const USED_EVERY_MS = 60_000;
/** Tokens whose last write is remembered; forgetting one only costs an extra write. */
const USED_MAX = 10_000;

/** A random API token. Secret scanners recognise its prefix. */
export function newApiToken(): string {
  return API_TOKEN_PREFIX + randomSecret();
}

export interface AuthenticatorOptions {
  readonly store: Pick<Store, 'apiTokens'>;
  readonly accessTokens: AccessTokens;
  readonly accountStates: AccountStates;
  /** Called when the last use of a token could not be written; no decision depends on it. */
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
}

export class TokenAuthenticator implements Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #now: () => number;
  readonly #usedAt = new Map<string, number>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async principalOf(credentials: Credentials): Promise<Principal> {
    const { token, guestToken, cookie, readToken = null } = credentials;
    if (token !== null) {
      return token.startsWith(API_TOKEN_PREFIX)
        ? this.#ofApiToken(token)
        : this.#ofSession(this.#options.accessTokens.verify(token));
    }
    if (readToken !== null) {
      // The read cookie never carries administrator rights.
      return { ...(await this.#ofSession(this.#options.accessTokens.verifyRead(readToken))), isAdmin: false }; // prettier-ignore
    }
    const guest = identityOf(cookie === null ? {} : { cookie }, guestToken ?? undefined);
    if (guest === null) return { kind: 'nobody' };
    const { userId } = guest;
    // After sign-up the guest's cookie proves nothing: only the account's credentials do. The same holds once the
    // account was deleted.
    if (await this.#options.accountStates.isTaken(userId)) return { kind: 'nobody' };
    return { kind: 'guest', userId };
  }

  /** The session may have ended since the token was issued. */
  async #ofSession(
    verified: Promise<AccessClaims>,
  ): Promise<Extract<Principal, { kind: 'account' }>> {
    const { accountStates } = this.#options;
    const { userId, authSessionId, expiresAt } = await verified;
    const [isAlive, account] = await Promise.all([
      accountStates.isSessionAlive(authSessionId),
      accountStates.accountInUse(userId),
    ]);
    if (!isAlive || account === null) {
      throw new AuthenticationError('ended', 'The session was ended.');
    }
    return { kind: 'account', userId, authSessionId, isAdmin: account.isAdmin, expiresAt };
  }

  async #ofApiToken(token: string): Promise<Principal> {
    const { accountStates } = this.#options;
    const record = apiTokenPattern.test(token)
      ? await accountStates.apiTokenOfHash(tokenHash(token))
      : null;
    const account = record === null ? null : await accountStates.accountInUse(record.userId);
    const now = this.#now();
    const expiresAt = record?.expiresAt ?? Infinity;
    if (record === null || account === null || expiresAt <= now) {
      throw new AuthenticationError('invalid', 'The API token is not valid (any more).');
    }
    this.#noteUse(record.id, now);
    const { id: tokenId, userId, scopes } = record;
    return { kind: 'apiToken', userId, tokenId, scopes, isAdmin: account.isAdmin, expiresAt };
  }

  #noteUse(tokenId: string, now: number): void {
    const last = this.#usedAt.get(tokenId);
    if (last !== undefined && now - last < USED_EVERY_MS) return;
    if (this.#usedAt.size >= USED_MAX) this.#usedAt.clear();
    this.#usedAt.set(tokenId, now);
    this.#options.store.apiTokens.used(tokenId, now).catch(this.#options.onError);
  }
}
