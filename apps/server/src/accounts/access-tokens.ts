/**
 * Access tokens: JWTs of an account, valid for a quarter of an hour. The algorithm is pinned, and the value of each
 * claim is checked, not only its presence (docs/security.md#tokens). Clients keep them in memory only.
 */
import { errors, jwtVerify, SignJWT, type JWTHeaderParameters } from 'jose';
import { AuthenticationError } from '../access/principal.ts';
import { FIRST_KEY_ID } from '../store/ports/signing-key-store.ts';
import type { KeyRing } from './signing-keys.ts';

/** Longest lifetime of an access token; a setting can shorten it. */
export const ACCESS_TOKEN_MS = 15 * 60 * 1_000;

const ALGORITHM = 'HS256';
/** Constant, because the key already identifies the installation. */
const ISSUER = 'concord';
/** Read tokens are in a cookie (read-cookie.ts): neither kind is ever taken for the other. */
const kinds = {
  access: { typ: 'at+jwt', audience: 'concord' },
  read: { typ: 'concord-read+jwt', audience: 'concord-read' },
} as const;
type TokenKind = keyof typeof kinds;
const userIdPattern = /^[0-9a-f]{32}$/;
const sessionIdPattern = /^[a-z2-7]{26}$/;

export interface AccessClaims {
  readonly userId: string;
  readonly authSessionId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Lifetime in milliseconds, from issue to expiry. */
  readonly livesMs: number;
}

export class AccessTokens {
  readonly #keys: KeyRing;
  readonly #now: () => number;
  readonly #livesMs: number;

  /** @param keys used for nothing else */
  constructor(keys: KeyRing, now: () => number = Date.now, livesMs = ACCESS_TOKEN_MS) {
    this.#keys = keys;
    this.#now = now;
    this.#livesMs = livesMs;
  }

  issue(userId: string, authSessionId: string): Promise<IssuedToken> {
    return this.#issue('access', userId, authSessionId);
  }

  /** A token that allows only reading documents. */
  issueRead(userId: string, authSessionId: string): Promise<IssuedToken> {
    return this.#issue('read', userId, authSessionId);
  }

  /** Rejects with {@link AuthenticationError} `expired` or `invalid`. */
  verify(token: string): Promise<AccessClaims> {
    return this.#verify('access', token);
  }

  /** Rejects as {@link verify}. */
  verifyRead(token: string): Promise<AccessClaims> {
    return this.#verify('read', token);
  }

  async #issue(kind: TokenKind, userId: string, authSessionId: string): Promise<IssuedToken> {
    const { typ, audience } = kinds[kind];
    const { kid, value } = this.#keys.current();
    const issuedAt = Math.floor(this.#now() / 1_000);
    const expires = issuedAt + this.#livesMs / 1_000;
    const token = await new SignJWT({ sid: authSessionId })
      .setProtectedHeader({ alg: ALGORITHM, typ, kid })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setSubject(userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expires)
      .sign(value);
    return { token, expiresAt: expires * 1_000, livesMs: this.#livesMs };
  }

  async #verify(kind: TokenKind, token: string): Promise<AccessClaims> {
    const { typ, audience } = kinds[kind];
    const now = this.#now();
    // Tokens from before keys had ids have no `kid`.
    const keyOf = async ({ kid = FIRST_KEY_ID }: JWTHeaderParameters): Promise<Uint8Array> => {
      const key = typeof kid === 'string' ? await this.#keys.find(kid) : null;
      if (key === null) throw invalid();
      return key.value;
    };
    const { payload } = await jwtVerify(token, keyOf, {
      algorithms: [ALGORITHM],
      typ,
      issuer: ISSUER,
      audience,
      requiredClaims: ['sub', 'sid', 'iat', 'exp'],
      currentDate: new Date(now),
    }).catch((error: unknown) => {
      if (error instanceof errors.JWTExpired) {
        throw new AuthenticationError('expired', 'The access token is too old.');
      }
      if (error instanceof errors.JOSEError || error instanceof TypeError) throw invalid();
      throw error;
    });
    const { sub, exp, iat, aud } = payload;
    const sid = payload['sid'];
    if (
      aud !== audience ||
      sub === undefined ||
      !userIdPattern.test(sub) ||
      typeof sid !== 'string' ||
      !sessionIdPattern.test(sid) ||
      exp === undefined ||
      iat === undefined ||
      exp - iat > ACCESS_TOKEN_MS / 1_000
    ) {
      throw invalid();
    }
    return { userId: sub, authSessionId: sid, expiresAt: exp * 1_000 };
  }
}

function invalid(): AuthenticationError {
  return new AuthenticationError('invalid', 'The access token is not valid here.');
}
