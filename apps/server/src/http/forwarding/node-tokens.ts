/**
 * Tokens by which a node believes another one whose request it forwards: JWTs signed by a key of the store that is used
 * for nothing else. They carry the client's address, because the connection between the nodes shows the sender's.
 * Checked as access tokens are (access-tokens.ts), with an audience and a type of their own, and the receiver's name.
 */
import { isIP } from 'node:net';
import { errors, jwtVerify, SignJWT, type JWTHeaderParameters } from 'jose';
import { NODE_TOKEN_MS } from '../../accounts/account-services.ts';
import type { KeyRing } from '../../accounts/signing-keys.ts';
import { TtlCache } from '../../platform/ttl-cache.ts';
import { StoreError } from '../../store/ports/store.ts';

/** For how long one token serves all requests of a client to a node. */
const REUSED_MS = 20_000;
/** How long a verified token is not verified again: bounds what a replaced key still opens. */
const BELIEVED_MS = 5_000;
/** How far clocks of nodes may differ. */
const SKEW_SECONDS = 120;
/** Longer headers are not tokens. */
const TOKEN_LENGTH_MAX = 2_000;

const ALGORITHM = 'HS256';
const TYPE = 'concord-node+jwt';
const ISSUER = 'concord';
const AUDIENCE = 'concord-node';

/** The client of a forwarded request, as its first node saw it. */
export interface ForwardedClient {
  readonly address: string;
  /** Its browser, or the load balancer that it came by, used https. */
  readonly isHttps: boolean;
}

/** What a valid token says. */
export interface Forwarded extends ForwardedClient {
  /** Name of the node that forwarded the request. */
  readonly by: string;
}

export interface NodeTokensOptions {
  /** Used for nothing else. */
  readonly keys: KeyRing;
  /** Name of this node. */
  readonly node: string;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

export class NodeTokens {
  readonly #keys: KeyRing;
  readonly #node: string;
  readonly #now: () => number;
  /** By what they say. */
  readonly #issued: TtlCache<string>;
  readonly #verified: TtlCache<Forwarded | null>;

  constructor({ keys, node, now = Date.now }: NodeTokensOptions) {
    this.#keys = keys;
    this.#node = node;
    this.#now = now;
    this.#issued = new TtlCache((said) => this.#sign(said), REUSED_MS, now);
    this.#verified = new TtlCache((token) => this.#verify(token), BELIEVED_MS, now);
  }

  /** @param to name of the node that is to believe it */
  issue(to: string, { address, isHttps }: ForwardedClient): Promise<string> {
    return this.#issued.get(JSON.stringify({ to, address, isHttps }));
  }

  /** Null for a token that is not valid here, or whose key cannot be looked up. */
  async verify(token: string): Promise<Forwarded | null> {
    if (token.length > TOKEN_LENGTH_MAX) return null;
    return this.#verified.get(token).catch((error: unknown) => {
      if (error instanceof StoreError) return null;
      throw error;
    });
  }

  #sign(said: string): Promise<string> {
    const { kid, value } = this.#keys.current();
    const issuedAt = Math.floor(this.#now() / 1_000);
    return new SignJWT(JSON.parse(said) as Record<string, unknown>)
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(this.#node)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + NODE_TOKEN_MS / 1_000)
      .sign(value);
  }

  async #verify(token: string): Promise<Forwarded | null> {
    const keyOf = async ({ kid }: JWTHeaderParameters): Promise<Uint8Array> => {
      const key = typeof kid === 'string' ? await this.#keys.find(kid) : null;
      if (key === null) throw new errors.JWSInvalid('There is no such key.');
      return key.value;
    };
    const verified = await jwtVerify(token, keyOf, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(this.#now()),
      clockTolerance: SKEW_SECONDS,
    }).catch((error: unknown) => {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      throw error;
    });
    if (verified === null) return null;
    const { sub: by, iat = 0, exp = Infinity, to, address, isHttps } = verified.payload;
    const isValid =
      to === this.#node &&
      by !== undefined &&
      typeof address === 'string' &&
      isIP(address) !== 0 &&
      typeof isHttps === 'boolean' &&
      exp - iat <= NODE_TOKEN_MS / 1_000;
    return isValid ? { by, address, isHttps } : null;
  }
}
