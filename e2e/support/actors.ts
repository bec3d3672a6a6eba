/** The actors of the authorisation matrix at one server, each with its proof of identity. */
import { randomBytes } from 'node:crypto';
import type {
  CreatedApiToken,
  CreatedShareLink,
  DocumentInvitation,
  DocumentResource,
  LinkRole,
  Role,
  SignedIn,
  TokenScope,
} from '@concord/protocol';
import { SignJWT } from 'jose';

export const actorNames = [
  'anonymous',
  'guest',
  'viewer',
  'commenter',
  'editor',
  'owner',
  'former member',
  'other tenant',
  'expired token',
  'link viewer',
  'link editor',
  'revoked link',
  'read cookie',
] as const;
export type ActorName = (typeof actorNames)[number];

/** An actor with the proof that its requests and socket handshakes carry. */
export interface Actor {
  readonly name: ActorName;
  readonly headers: Readonly<Record<string, string>>;
  readonly handshake: Readonly<Record<string, string>>;
  readonly userId: string;
  readonly sessionId: string;
}

export type Actors = Readonly<Record<ActorName, Actor>>;

/** A document of the owner's, with the ids that routes need. */
export interface Stage {
  readonly id: string;
  readonly linkId: string;
  readonly linkToken: string;
  readonly revokedLinkId: string;
}

export const PASSWORD = 'correct horse battery';
const ownRoles: Partial<Record<ActorName, Role>> = {
  viewer: 'viewer',
  commenter: 'commenter',
  editor: 'editor',
  'former member': 'editor',
};

export class Cast {
  readonly #url: string;
  readonly #secret: Uint8Array;
  #addresses = 0;
  /** Read cookies from sign-ups, by user name. */
  readonly #readCookies = new Map<string, string>();

  /** @param secret that the server signs access tokens with; used to make an expired one */
  constructor(url: string, secret: Uint8Array) {
    this.#url = url;
    this.#secret = secret;
  }

  async gather(): Promise<Actors> {
    const account = async (name: ActorName): Promise<Actor> =>
      this.actorOf(name, await this.signUp(name.replaceAll(' ', '-')));
    const owner = await account('owner');
    return {
      anonymous: { name: 'anonymous', headers: {}, handshake: {}, userId: '', sessionId: '' },
      guest: await this.#guest('guest'),
      viewer: await account('viewer'),
      commenter: await account('commenter'),
      editor: await account('editor'),
      owner,
      'former member': await account('former member'),
      'other tenant': await account('other tenant'),
      'expired token': await this.#expired(owner),
      'link viewer': await this.#guest('link viewer'),
      'link editor': await this.#guest('link editor'),
      'revoked link': await this.#guest('revoked link'),
      'read cookie': {
        ...owner,
        name: 'read cookie',
        headers: { cookie: this.#readCookies.get('owner') ?? '' },
        handshake: {},
      },
    };
  }

  actorOf(name: ActorName, { accessToken, userId, sessionId }: SignedIn): Actor {
    const headers = { authorization: `Bearer ${accessToken}` };
    return { name, headers, handshake: { token: accessToken }, userId, sessionId };
  }

  /** Signs up from a fresh address, since sign-up is rate-limited by address. */
  async signUp(userName: string, invitation?: string): Promise<SignedIn> {
    const body = {
      userName,
      password: PASSWORD,
      ...(invitation === undefined ? {} : { invitation }),
    };
    const response = await fetch(`${this.#url}/api/v1/accounts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': this.nextAddress() },
      body: JSON.stringify(body),
    });
    if (response.status !== 201) throw new Error(await response.text());
    const lines = response.headers.getSetCookie();
    const read = lines.find((line) => line.startsWith('concord_read='));
    this.#readCookies.set(userName, read?.split(';')[0] ?? '');
    return (await response.json()) as SignedIn;
  }

  nextAddress(): string {
    this.#addresses += 1;
    return `10.1.${this.#addresses >> 8}.${this.#addresses & 255}`;
  }

  /** Creates a document with the grants that the actors' names say; nothing is revoked yet. */
  async stage(actors: Actors): Promise<Stage> {
    const { owner } = actors;
    const body = { title: 'Stage', text: 'one two three' };
    const { id } = (await this.ask(owner, 'POST', '/documents', body)) as DocumentResource;
    for (const [name, role] of Object.entries(ownRoles)) {
      await this.addPerson(owner, id, actors[name as ActorName], role);
    }
    const link = async (
      role: LinkRole,
      opener: ActorName,
    ): Promise<{ id: string; token: string }> => {
      const path = `/documents/${id}/links`;
      const made = (await this.ask(owner, 'POST', path, { role })) as CreatedShareLink;
      const token = made.url.slice('/s/'.length);
      await this.ask(actors[opener], 'POST', '/links/open', { token });
      return { id: made.id, token };
    };
    const viewing = await link('viewer', 'link viewer');
    await link('editor', 'link editor');
    const revoked = await link('editor', 'revoked link');
    return { id, linkId: viewing.id, linkToken: viewing.token, revokedLinkId: revoked.id };
  }

  /** Grants a role: the owner invites, the person accepts. */
  async addPerson(owner: Actor, documentId: string, person: Actor, role: Role): Promise<void> {
    const body = { userId: person.userId, role };
    const invited = await this.ask(owner, 'POST', `/documents/${documentId}/people`, body);
    const { id } = invited as DocumentInvitation;
    await this.ask(person, 'POST', `/me/invitations/${id}/accept`);
  }

  /** Makes an API token of this account with the scopes. */
  async apiToken(actor: Actor, scopes: readonly TokenScope[]): Promise<string> {
    const made = await this.ask(actor, 'POST', '/tokens', { label: 'A program', scopes });
    return (made as CreatedApiToken).token;
  }

  /** Removes the former member and revokes the revoked link. */
  async revoke(actors: Actors, { id, revokedLinkId }: Stage): Promise<void> {
    const former = actors['former member'].userId;
    await this.ask(actors.owner, 'DELETE', `/documents/${id}/people/${former}`);
    await this.ask(actors.owner, 'DELETE', `/documents/${id}/links/${revokedLinkId}`);
  }

  send(actor: Actor, method: string, path: string, body?: unknown): Promise<Response> {
    const isText = typeof body === 'string';
    const type = isText ? 'text/plain' : 'application/json';
    return fetch(`${this.#url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...actor.headers, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
  }

  /** Sends a request. @returns the response body; throws unless the status is a success */
  async ask(actor: Actor, method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.send(actor, method, `/api/v1${path}`, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${actor.name}: ${method} ${path}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  async #guest(name: ActorName): Promise<Actor> {
    const guestToken = randomBytes(20).toString('hex');
    const guest = { name, headers: { guestToken }, handshake: { guestToken }, sessionId: '' };
    const { userId } = (await this.ask({ ...guest, userId: '' }, 'GET', '/me')) as {
      userId: string;
    };
    return { ...guest, userId };
  }

  /** The owner with an access token that expired an hour ago. */
  async #expired({ userId, sessionId }: Actor): Promise<Actor> {
    const hourAgo = Math.floor(Date.now() / 1_000) - 3_600;
    const accessToken = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setIssuer('concord')
      .setAudience('concord')
      .setSubject(userId)
      .setIssuedAt(hourAgo)
      .setExpirationTime(hourAgo + 900)
      .sign(this.#secret);
    return this.actorOf('expired token', {
      accessToken,
      userId,
      sessionId,
      expiresAt: 0,
      livesMs: 0,
    });
  }
}
