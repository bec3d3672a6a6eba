/**
 * Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce. The state of a
 * sign-on in progress is in an encrypted cookie; the server keeps none.
 *
 *   begin ──▶ provider ──▶ finish: state, code, PKCE, nonce and signature fit ──▶ claims
 */
import { EncryptJWT, jwtDecrypt, type CompactJWEHeaderParameters } from 'jose';
import * as oidc from 'openid-client';
import { z } from 'zod';
import { isLoopback, type SingleSignOnConfig } from '../platform/config.ts';
import { TtlCache } from '../platform/ttl-cache.ts';
import { FIRST_KEY_ID } from '../store/ports/signing-key-store.ts';
import type { KeyRing } from './signing-keys.ts';

/** Time for a person to enter a password and a second factor at the provider. */
export const SIGN_ON_MS = 10 * 60 * 1_000;
const DISCOVERY_MS = 60 * 60 * 1_000;
const PROVIDER_TIMEOUT_SECONDS = 10;
const SCOPE = 'openid profile email';

/** A failed sign-on; the sign-in page explains its code. */
export class SignOnError extends Error {
  readonly code: 'signOnUnavailable' | 'signOnExpired' | 'signOnRefused' | 'signOnFailed';
  /** For the log: the error of the provider or the network. */
  readonly reason: string;
  constructor(code: SignOnError['code'], message: string, cause: unknown = null) {
    super(message, { cause });
    this.code = code;
    this.reason = cause === null ? message : reasonOf(cause);
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof oidc.AuthorizationResponseError || cause instanceof oidc.ResponseBodyError) {
    return `${cause.error}: ${cause.error_description ?? cause.message}`;
  }
  return cause instanceof Error ? cause.message : String(cause);
}

export interface SignOnClaims {
  /** Issuer and subject, which the provider never reassigns to another person. */
  readonly subject: string;
  readonly userName: string | null;
  readonly name: string | null;
  /** Only when the provider says that it is verified. */
  readonly email: string | null;
}

const stateSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  redirectUri: z.string(),
  returnTo: z.string(),
  invitation: z.string().nullable(),
});
type SignOnState = z.infer<typeof stateSchema>;

/** Ignored unless they are strings; the provider is trusted for identity, not for the types of its claims. */
const claimsSchema = z.object({
  iss: z.string().min(1),
  sub: z.string().min(1),
  preferred_username: z.string().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  email: z.string().optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
});

export interface SingleSignOnOptions {
  readonly config: SingleSignOnConfig;
  /** Encrypt the cookie of the sign-on; used for nothing else. */
  readonly keys: KeyRing;
  readonly now?: () => number;
}

export class SingleSignOn {
  readonly #options: SingleSignOnOptions;
  readonly #now: () => number;
  /** Discovered at the first sign-on, not at start: the server starts and runs while the provider is down. */
  readonly #providers: TtlCache<oidc.Configuration>;

  constructor(options: SingleSignOnOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#providers = new TtlCache(
      (issuer) => discover(issuer, options.config),
      DISCOVERY_MS,
      this.#now,
    );
  }

  /**
   * Where to send the browser, and what to keep in its cookie. Rejects with {@link SignOnError}.
   * @param redirectUri absolute address of the callback
   * @param returnTo checked path of the page to show afterwards
   */
  async begin(
    redirectUri: string,
    returnTo: string,
    invitation: string | null,
  ): Promise<{ readonly location: string; readonly cookieValue: string }> {
    const provider = await this.#provider();
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    const location = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: SCOPE,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const kept: SignOnState = { state, nonce, codeVerifier, redirectUri, returnTo, invitation };
    const { kid, value } = this.#options.keys.current();
    const cookieValue = await new EncryptJWT({ ...kept })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
      .setExpirationTime(Math.floor((this.#now() + SIGN_ON_MS) / 1_000))
      .encrypt(value);
    return { location: location.href, cookieValue };
  }

  /**
   * The provider's claims about the person. Rejects with {@link SignOnError}.
   * @param query of the callback, with its leading question mark
   */
  async finish(
    query: string,
    cookieValue: string | null,
  ): Promise<{
    readonly claims: SignOnClaims;
    readonly returnTo: string;
    readonly invitation: string | null;
  }> {
    const kept = await this.#kept(cookieValue);
    const provider = await this.#provider();
    const currentUrl = new URL(kept.redirectUri);
    currentUrl.search = query;
    const claims = await claimsOf(provider, currentUrl, kept).catch((error: unknown) => {
      const isRefused = error instanceof oidc.AuthorizationResponseError;
      const code = isRefused ? 'signOnRefused' : 'signOnFailed';
      throw new SignOnError(code, 'The single sign-on did not succeed.', error);
    });
    return { claims, returnTo: kept.returnTo, invitation: kept.invitation };
  }

  async #kept(cookieValue: string | null): Promise<SignOnState> {
    const expired = 'The sign-on took too long, or began in another browser.';
    if (cookieValue === null) throw new SignOnError('signOnExpired', expired);
    const keyOf = async ({
      kid = FIRST_KEY_ID,
    }: CompactJWEHeaderParameters): Promise<Uint8Array> => {
      const key = typeof kid === 'string' ? await this.#options.keys.find(kid) : null;
      if (key === null) throw new Error('The key of this sign-on is not known (any more).');
      return key.value;
    };
    try {
      const { payload } = await jwtDecrypt(cookieValue, keyOf, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['exp'],
        currentDate: new Date(this.#now()),
      });
      const { exp: _exp, ...kept } = payload;
      return stateSchema.parse(kept);
    } catch (error) {
      throw new SignOnError('signOnExpired', expired, error);
    }
  }

  #provider(): Promise<oidc.Configuration> {
    return this.#providers.get(this.#options.config.issuer).catch((error: unknown) => {
      const message = 'The provider of the single sign-on does not answer.';
      throw new SignOnError('signOnUnavailable', message, error);
    });
  }
}

async function discover(
  issuer: string,
  { clientId, clientSecret }: SingleSignOnConfig,
): Promise<oidc.Configuration> {
  const isInsecure = isLoopback(new URL(issuer).hostname);
  // client_secret_basic is the default of the specification; a provider that only supports post says so.
  const authenticate: oidc.ClientAuth = (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const method = methods.includes('client_secret_basic')
      ? oidc.ClientSecretBasic(clientSecret)
      : oidc.ClientSecretPost(clientSecret);
    return method(server, client, body, headers);
  };
  return oidc.discovery(new URL(issuer), clientId, undefined, authenticate, {
    timeout: PROVIDER_TIMEOUT_SECONDS,
    execute: [
      // The signature of the ID token is checked although it came from the provider itself.
      oidc.enableNonRepudiationChecks,
      ...(isInsecure ? [oidc.allowInsecureRequests] : []),
    ],
  });
}

async function claimsOf(
  provider: oidc.Configuration,
  currentUrl: URL,
  { state, nonce, codeVerifier }: SignOnState,
): Promise<SignOnClaims> {
  const tokens = await oidc.authorizationCodeGrant(provider, currentUrl, {
    pkceCodeVerifier: codeVerifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  const idToken = claimsSchema.parse(tokens.claims());
  // Many providers return name and email only from userinfo; its subject must be the same.
  const { userinfo_endpoint: endpoint } = provider.serverMetadata();
  const more =
    endpoint === undefined
      ? {}
      : await oidc.fetchUserInfo(provider, tokens.access_token, idToken.sub);
  const claims = claimsSchema.parse({ ...more, ...withoutUndefined(idToken) });
  return {
    subject: `${claims.iss} ${claims.sub}`,
    userName: claims.preferred_username ?? null,
    name: claims.name ?? null,
    email: claims.email_verified === true ? (claims.email ?? null) : null,
  };
}

function withoutUndefined(claims: object): object {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}
