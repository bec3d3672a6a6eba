/** A real OpenID Connect provider in the test's process; the test chooses who signs in. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

const CLIENT_ID = 'concord';
const CLIENT_SECRET = 'a secret between the two of them';

export interface Person {
  readonly sub: string;
  readonly preferred_username?: string;
  readonly name?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
}

export class IdentityProvider {
  readonly issuer: string;
  readonly #server: Server;
  /** The person of the next sign-on; null refuses it. */
  signsIn: Person | null = null;
  /** Requests to the token endpoint, by how the client proved itself. */
  readonly tokenRequests: string[] = [];

  /** Public address of the client. */
  readonly #publicUrl: string;

  private constructor(server: Server, issuer: string, publicUrl: string) {
    this.#server = server;
    this.issuer = issuer;
    this.#publicUrl = publicUrl;
  }

  /**
   * @param redirectUri the callback of the client
   * @param port 0 lets the system choose
   */
  static async start(redirectUri: string, port = 0): Promise<IdentityProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    // Another host name than the client's: ports of one host share cookies.
    const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
    const self = new IdentityProvider(server, issuer, new URL(redirectUri).origin);
    const people = new Map<string, Person>();
    const provider = new Provider(issuer, {
      clients: [
        { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [redirectUri] },
      ],
      jwks: { keys: [{ ...signingKey(), use: 'sig', alg: 'RS256' }] },
      ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
      cookies: { keys: ['a key for the cookies of this test'] },
      pkce: { required: () => true },
      claims: {
        openid: ['sub'],
        profile: ['name', 'preferred_username'],
        email: ['email', 'email_verified'],
      },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, id) =>
        Promise.resolve({
          accountId: id,
          claims: () => Promise.resolve(people.get(id) ?? { sub: id }),
        }),
      loadExistingGrant: async ({ oidc }) => {
        const { accountId } = oidc.session;
        const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId });
        grant.addOIDCScope('openid profile email');
        await grant.save();
        return grant;
      },
    });
    const callback = provider.callback();
    server.on('request', (request, response) => {
      const { url = '' } = request;
      if (url.startsWith('/token')) {
        self.tokenRequests.push(request.headers.authorization?.split(' ')[0] ?? 'none');
      }
      if (!url.startsWith('/interaction/')) return void callback(request, response);
      const person = self.signsIn;
      if (person !== null) people.set(person.sub, person);
      const result =
        person === null ? { error: 'access_denied' } : { login: { accountId: person.sub } };
      void provider.interactionFinished(request, response, result);
    });
    return self;
  }

  /** Settings of a server that uses this provider. */
  get environment(): NodeJS.ProcessEnv {
    return {
      CONCORD_OIDC_ISSUER: this.issuer,
      CONCORD_OIDC_CLIENT_ID: CLIENT_ID,
      CONCORD_OIDC_CLIENT_SECRET: CLIENT_SECRET,
      CONCORD_OIDC_NAME: 'Example ID',
      CONCORD_PUBLIC_URL: this.#publicUrl,
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function signingKey(): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return privateKey.export({ format: 'jwk' });
}
