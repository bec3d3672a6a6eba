/**
 * Authorisation matrix: every route of the REST API and every socket message, called by every kind of actor. The table
 * has the expected status of each; a route that is missing from the table fails the test.
 */
import {
  PROTOCOL_VERSION,
  randomClientId,
  randomDocumentId,
  tokenScopes,
  type JoinedMessage,
  type SignedIn,
  type TokenScope,
} from '@concord/protocol';
import { textChecksum } from '@concord/ot';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  actorNames,
  Cast,
  PASSWORD,
  type Actor,
  type ActorName,
  type Actors,
  type Stage,
} from '../support/actors.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';
import { openStore } from '../support/store.ts';

type Expected = Readonly<Record<ActorName, number>>;

/** Expected status by role in the document. Without a read role, a document that exists looks absent. */
function byRole(
  viewer: number,
  commenter: number,
  editor: number,
  owner: number,
  none = 404,
): Expected {
  return {
    anonymous: none,
    guest: none,
    viewer,
    commenter,
    editor,
    owner,
    'former member': none,
    'other tenant': none,
    'expired token': 401,
    'link viewer': viewer,
    'link editor': editor,
    'revoked link': none,
    // Accepted for reading documents only (`browserRead`); elsewhere the request is anonymous.
    'read cookie': none,
  };
}
const forReaders = (status: number): Expected => byRole(status, status, status, status);
const forWriters = (status: number): Expected => byRole(403, 403, status, status);
const forOwners = (status: number): Expected => byRole(403, 403, 403, status);

/** The same status for every actor, except 401 for a proof that is no longer valid. */
const forAll = (status: number): Expected => ({
  ...byRole(status, status, status, status, status),
});
const forAccounts = (status: number): Expected => ({
  ...forAll(status),
  anonymous: 401,
  guest: 401,
  'link viewer': 401,
  'link editor': 401,
  'revoked link': 401,
  'read cookie': 401,
});

interface Asked {
  readonly stage: Stage;
  readonly actor: Actor;
  readonly actors: Actors;
  readonly cast: Cast;
}
interface Row {
  /** Method and path, as in the OpenAPI document. */
  readonly route: string;
  readonly expected: Expected;
  /** Path (without the prefix), and body. */
  readonly request: (asked: Asked) => readonly [path: string, body?: unknown];
  /** The route writes: each actor gets a fresh stage. */
  readonly changes?: boolean;
  readonly before?: (asked: Asked) => Promise<unknown>;
  /** The route accepts the owner's read cookie. */
  readonly browserRead?: boolean;
}

const document =
  (rest = '') =>
  ({ stage }: Asked) =>
    [`/documents/${stage.id}${rest}`] as const;
const signInBody = ({ actor }: Asked) =>
  ['/sessions', { login: actor.name.replaceAll(' ', '-'), password: PASSWORD }] as const;

const rows: readonly Row[] = [
  // Documents
  { route: 'GET /documents', expected: forAll(200), request: () => ['/documents'] },
  { route: 'GET /folders', expected: forAll(200), request: () => ['/folders'] },
  {
    route: 'POST /documents',
    expected: forAll(201),
    request: () => ['/documents', { title: 'Own' }],
  },
  {
    route: 'PUT /documents/{id}',
    expected: forAll(201),
    request: () => [`/documents/${randomDocumentId()}`, { title: 'Begun offline' }],
  },
  // An id that exists: readers get the document; to all others it looks absent.
  {
    route: 'PUT /documents/{id}',
    expected: forReaders(200),
    request: ({ stage }) => [`/documents/${stage.id}`, { title: 'Not taken' }],
  },
  {
    route: 'GET /documents/{id}',
    expected: forReaders(200),
    request: document(),
    browserRead: true,
  },
  {
    route: 'PATCH /documents/{id}',
    expected: forWriters(200),
    request: ({ stage }) => [`/documents/${stage.id}`, { title: 'Renamed' }],
    changes: true,
  },
  {
    route: 'PATCH /documents/{id}',
    expected: forOwners(200),
    request: ({ stage }) => [`/documents/${stage.id}`, { anyone: 'editor' }],
    changes: true,
  },
  {
    route: 'PATCH /documents/{id}',
    expected: forReaders(200),
    request: ({ stage }) => [`/documents/${stage.id}`, { starred: true, folder: 'Own' }],
  },
  { route: 'DELETE /documents/{id}', expected: forOwners(204), request: document(), changes: true },
  {
    route: 'DELETE /documents/{id}',
    // Only its owner sees a document in the trash.
    expected: byRole(404, 404, 404, 204),
    before: ({ cast, stage, actors }) => cast.ask(actors.owner, 'DELETE', `/documents/${stage.id}`),
    request: document('?forever=true'),
    changes: true,
  },
  {
    route: 'POST /documents/{id}/restore',
    expected: byRole(404, 404, 404, 200),
    before: ({ cast, stage, actors }) => cast.ask(actors.owner, 'DELETE', `/documents/${stage.id}`),
    request: document('/restore'),
    changes: true,
  },
  {
    route: 'GET /documents/{id}/text',
    expected: forReaders(200),
    request: document('/text'),
    browserRead: true,
  },
  {
    route: 'GET /documents/{id}/operation',
    expected: forReaders(200),
    request: document('/operation?after=0&through=0'),
    browserRead: true,
  },
  {
    route: 'GET /documents/{id}/snapshot',
    expected: forReaders(200),
    request: document('/snapshot'),
    browserRead: true,
  },
  {
    route: 'PUT /documents/{id}/text',
    expected: forWriters(204),
    request: ({ stage }) => [`/documents/${stage.id}/text?baseVersion=1`, 'another text'],
    changes: true,
  },
  // Sharing
  { route: 'GET /documents/{id}/people', expected: forOwners(200), request: document('/people') },
  {
    route: 'POST /documents/{id}/people',
    expected: forOwners(201),
    request: ({ stage, actors }) => [
      `/documents/${stage.id}/people`,
      { userId: actors['other tenant'].userId, role: 'editor' },
    ],
    changes: true,
  },
  {
    route: 'PATCH /documents/{id}/people/{userId}',
    expected: forOwners(200),
    request: ({ stage, actors }) => [
      `/documents/${stage.id}/people/${actors.viewer.userId}`,
      { role: 'editor' },
    ],
    changes: true,
  },
  {
    route: 'DELETE /documents/{id}/people/{userId}',
    // Removes the commenter: allowed to the owner, and to the commenter (leaving).
    expected: byRole(403, 204, 403, 204),
    request: ({ stage, actors }) => [`/documents/${stage.id}/people/${actors.commenter.userId}`],
    changes: true,
  },
  {
    route: 'DELETE /documents/{id}/invitations/{invitationId}',
    expected: byRole(403, 403, 403, 404),
    request: ({ stage }) => [`/documents/${stage.id}/invitations/${randomClientId()}`],
  },
  // Only the invited person may answer; to all others the invitation looks absent (sharing.test.ts).
  { route: 'GET /me/invitations', expected: forAll(200), request: () => ['/me/invitations'] },
  {
    route: 'POST /me/invitations/{invitationId}/accept',
    expected: forAll(404),
    request: () => [`/me/invitations/${randomClientId()}/accept`],
  },
  {
    route: 'DELETE /me/invitations/{invitationId}',
    expected: forAll(404),
    request: () => [`/me/invitations/${randomClientId()}`],
  },
  { route: 'GET /documents/{id}/links', expected: forOwners(200), request: document('/links') },
  {
    route: 'POST /documents/{id}/links',
    expected: forOwners(201),
    request: ({ stage }) => [`/documents/${stage.id}/links`, { role: 'editor' }],
    changes: true,
  },
  {
    route: 'PATCH /documents/{id}/links/{linkId}',
    expected: forOwners(200),
    request: ({ stage }) => [`/documents/${stage.id}/links/${stage.linkId}`, { label: 'Class' }],
    changes: true,
  },
  {
    route: 'DELETE /documents/{id}/links/{linkId}',
    expected: forOwners(204),
    request: ({ stage }) => [`/documents/${stage.id}/links/${stage.linkId}`],
    changes: true,
  },
  {
    route: 'POST /links/open',
    expected: forAll(200),
    request: ({ stage }) => ['/links/open', { token: stage.linkToken }],
    changes: true,
  },
  // The actor's own account
  { route: 'GET /me', expected: forAll(200), request: () => ['/me'] },
  { route: 'GET /me/usage', expected: forAll(200), request: () => ['/me/usage'] },
  { route: 'PATCH /me', expected: forAll(200), request: () => ['/me', { name: 'Somebody' }] },
  {
    route: 'PUT /me/password',
    // The session is valid, the current password is wrong.
    expected: forAccounts(403),
    request: () => ['/me/password', { current: 'not it at all', next: 'another long one' }],
  },
  {
    route: 'DELETE /me',
    expected: forAccounts(403),
    request: () => ['/me', { password: 'not it at all' }],
  },
  { route: 'GET /sessions', expected: forAccounts(200), request: () => ['/sessions'] },
  {
    route: 'DELETE /sessions/{id}',
    // Another account's session looks absent.
    expected: { ...forAccounts(404), owner: 404 },
    request: ({ actors, actor }) => [
      `/sessions/${(actor.name === 'viewer' ? actors.editor : actors.viewer).sessionId}`,
    ],
  },
  { route: 'DELETE /sessions', expected: forAccounts(204), request: () => ['/sessions'] },
  { route: 'GET /tokens', expected: forAccounts(200), request: () => ['/tokens'] },
  {
    route: 'POST /tokens',
    expected: forAccounts(201),
    request: () => ['/tokens', { label: 'A program', scopes: ['documents:read'] }],
  },
  {
    route: 'DELETE /tokens/{id}',
    expected: forAccounts(404),
    request: () => [`/tokens/${randomClientId()}`],
  },
  // Administrators only
  { route: 'GET /accounts', expected: forbiddenToAll(), request: () => ['/accounts'] },
  {
    route: 'PATCH /accounts/{userId}',
    expected: forbiddenToAll(),
    request: ({ actors }) => [`/accounts/${actors.viewer.userId}`, { isDisabled: true }],
  },
  { route: 'GET /invitations', expected: forbiddenToAll(), request: () => ['/invitations'] },
  {
    route: 'POST /invitations',
    expected: forbiddenToAll(),
    request: () => ['/invitations', { isAdmin: true }],
  },
  {
    route: 'DELETE /invitations/{id}',
    expected: forbiddenToAll(),
    request: () => [`/invitations/${randomClientId()}`],
  },
];

function forbiddenToAll(): Expected {
  return forAccounts(403);
}

/** Not authorised by the actor's proof; covered by the tests of accounts, refresh and single sign-on. */
const provedOtherwise = [
  'POST /accounts',
  'POST /sessions',
  'POST /sessions/refresh',
  'DELETE /sessions/current',
  'POST /sign-on',
  'GET /sign-on/callback',
  'GET /openapi.json',
];

/** Which token scope a route needs; `never` for routes that no API token may call. */
type Kind = 'read' | 'write' | 'share' | 'account' | 'never';
const scopesFor: Readonly<Record<Kind, readonly TokenScope[]>> = {
  read: ['documents:read', 'documents:write', 'sharing'],
  write: ['documents:write', 'sharing'],
  share: ['sharing'],
  account: ['account'],
  never: [],
};
const kinds: Readonly<Record<string, Kind>> = {
  'GET /documents': 'read',
  'GET /folders': 'read',
  'GET /documents/{id}': 'read',
  'GET /documents/{id}/text': 'read',
  'GET /documents/{id}/operation': 'read',
  'GET /documents/{id}/snapshot': 'read',
  'POST /documents': 'write',
  'PUT /documents/{id}': 'write',
  'PATCH /documents/{id}': 'write',
  'PUT /documents/{id}/text': 'write',
  'GET /me': 'account',
  'GET /me/usage': 'account',
  'PATCH /me': 'account',
  'GET /tokens': 'account',
  'PUT /me/password': 'never',
  'DELETE /me': 'never',
  'POST /tokens': 'never',
  'DELETE /tokens/{id}': 'never',
};

/** Default for routes not in `kinds`: below documents, links and invitations it is sharing, elsewhere `never`. */
function kindOf({ route, request }: Row): Kind {
  // Changing the public role is sharing, too.
  if (route === 'PATCH /documents/{id}' && request.toString().includes('anyone')) return 'share';
  const isSharing = / \/(documents|links|me\/invitations)/.test(route);
  return kinds[route] ?? (isSharing ? 'share' : 'never');
}

const problemCodeIn = (text: string): string => (JSON.parse(text) as { code: string }).code;

let directory: ReturnType<typeof temporaryDirectory>;
let server: TestServer;
let cast: Cast;
let actors: Actors;
beforeAll(async () => {
  directory = temporaryDirectory();
  const store = await openStore(directory.path);
  const secret = await store.secret('access-token');
  await store.close();
  server = await TestServer.start({
    dataDirectory: directory.path,
    environment: { CONCORD_TRUSTED_PROXIES: '127.0.0.1' },
  });
  cast = new Cast(server.url, secret);
  actors = await cast.gather();
});
afterAll(async () => {
  await server.stop();
  directory.remove();
});

describe('the REST API', () => {
  let shared: Stage;
  beforeAll(async () => {
    shared = await cast.stage(actors);
    await cast.revoke(actors, shared);
  });

  it('has every route in the table', async () => {
    const response = await fetch(`${server.url}/api/v1/openapi.json`);
    const { paths } = (await response.json()) as { paths: Record<string, object> };
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) => `${method.toUpperCase()} ${path.replace(/^\/api\/v1/, '')}`,
      ),
    );
    const known = new Set([...rows.map(({ route }) => route), ...provedOtherwise]);
    expect(routes.filter((route) => !known.has(route))).toEqual([]);
    expect(rows.map(({ route }) => route).filter((route) => !routes.includes(route))).toEqual([]);
  });

  for (const row of rows) {
    const what = JSON.stringify(row.request.toString().match(/\{ (\w+): /)?.[1] ?? '');
    it(`${row.route} ${what === '""' ? '' : `${what} `}has the expected status for every actor`, async () => {
      const answered = {} as Record<ActorName, number>;
      for (const name of actorNames) {
        const actor = actors[name];
        const stage = row.changes === true ? await cast.stage(actors) : shared;
        if (row.changes === true) await cast.revoke(actors, stage);
        const asked = { stage, actor, actors, cast };
        await row.before?.(asked);
        const [path, body] = row.request(asked);
        const method = row.route.slice(0, row.route.indexOf(' '));
        const response = await cast.send(actor, method, `/api/v1${path}`, body);
        answered[name] = response.status;
        if (response.status >= 400) {
          expect(response.headers.get('content-type')).toContain('application/problem+json');
        }
      }
      const { owner } = row.expected;
      const byCookie = row.browserRead === true ? { 'read cookie': owner } : {};
      expect(answered).toEqual({ ...row.expected, ...byCookie });
    });
  }

  describe('called with an API token of the owner', () => {
    for (const scope of tokenScopes) {
      it(`accepts scope ${scope} on the routes of that scope and answers scopeNeeded on all others`, async () => {
        const token = await cast.apiToken(actors.owner, [scope]);
        const headers = { authorization: `Bearer ${token}` };
        const program: Actor = { ...actors.owner, headers, handshake: { token } };
        const wrong: string[] = [];
        for (const row of rows) {
          const mayPass = scopesFor[kindOf(row)].includes(scope);
          const stage = mayPass && row.changes === true ? await cast.stage(actors) : shared;
          const [path, body] = row.request({ stage, actor: program, actors, cast });
          const method = row.route.slice(0, row.route.indexOf(' '));
          const response = await cast.send(program, method, `/api/v1${path}`, body);
          const code = response.status === 403 ? problemCodeIn(await response.text()) : '';
          if ((code !== 'scopeNeeded') !== mayPass) {
            wrong.push(`${row.route} ${JSON.stringify(body)}: ${response.status} ${code}`);
          }
        }
        expect(wrong).toEqual([]);
      });
    }
  });

  it('answers identically for a document that is absent and one that may not be read', async () => {
    const answer = async (id: string) => {
      const response = await cast.send(actors['other tenant'], 'GET', `/api/v1/documents/${id}`);
      return [response.status, await response.text(), [...response.headers.keys()].sort()];
    };
    expect(await answer(shared.id)).toEqual(await answer(randomClientId()));
  });

  it('serves the text at /d/<id>.md to readers only', async () => {
    const statuses = {} as Record<ActorName, number>;
    for (const name of actorNames) {
      const response = await cast.send(actors[name], 'GET', `/d/${shared.id}.md`);
      statuses[name] = response.status;
    }
    expect(statuses).toEqual({ ...forReaders(200), 'read cookie': 200 });
  });

  it('answers 403 to a documents:read token that writes, shares, deletes or makes tokens', async () => {
    const made = (await cast.ask(actors.owner, 'POST', '/tokens', {
      label: 'Reads',
      scopes: ['documents:read'],
    })) as { token: string };
    const headers = { authorization: `Bearer ${made.token}` };
    const program: Actor = { ...actors.owner, headers, handshake: { token: made.token } };
    const status = async (method: string, path: string, body?: unknown): Promise<number> =>
      (await cast.send(program, method, `/api/v1${path}`, body)).status;
    const { id } = shared;
    expect(await status('GET', `/documents/${id}`)).toBe(200);
    expect(await status('GET', `/documents/${id}/text`)).toBe(200);
    expect(await status('PUT', `/documents/${id}/text`, 'x')).toBe(403);
    expect(await status('PATCH', `/documents/${id}`, { title: 'x' })).toBe(403);
    expect(await status('GET', `/documents/${id}/people`)).toBe(403);
    expect(await status('DELETE', `/documents/${id}`)).toBe(403);
    expect(await status('POST', '/documents', {})).toBe(403);
    expect(await status('GET', '/sessions')).toBe(403);
    expect(await status('POST', '/tokens', { label: 'More', scopes: ['account'] })).toBe(403);
    expect((await joinAs(program, id)).outcome).toBe('viewer');
  });
});

// --- Sockets ------------------------------------------------------------------------------------

interface Joined {
  readonly socket: Socket;
  /** The granted role, or the code of the refusal. */
  readonly outcome: string;
  readonly frames: { readonly type: string; readonly body: Record<string, unknown> }[];
}

function connect(actor: Actor, id: string): Pick<Joined, 'socket' | 'frames'> {
  const socket = io(server.url, {
    query: { doc: id },
    auth: actor.handshake,
    ...('cookie' in actor.headers && { extraHeaders: { cookie: actor.headers['cookie'] ?? '' } }),
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  const frames: Joined['frames'] = [];
  socket.onAny((type: string, body: Record<string, unknown>) => frames.push({ type, body }));
  return { socket, frames };
}

async function joinAs(actor: Actor, id: string): Promise<Joined> {
  const { socket, frames } = connect(actor, id);
  const clientId = randomClientId();
  socket.emit('join', { docId: id, clientId, epoch: 1, version: 0, nextSeq: 1, protocol: PROTOCOL_VERSION }); // prettier-ignore
  const answer = await frame(frames, ['joined', 'refused', 'resync']);
  const outcome = String(answer.type === 'joined' ? answer.body['role'] : answer.body['code']);
  return { socket, outcome, frames };
}

/** The first frame of one of these types, received before or after the call. */
async function frame(frames: Joined['frames'], types: readonly string[], within = 12_000) {
  const until = Date.now() + within;
  for (;;) {
    const found = frames.find(({ type }) => types.includes(type));
    if (found !== undefined) return found;
    if (Date.now() > until)
      throw new Error(`No ${types.join(' or ')} in ${JSON.stringify(frames)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the document socket', () => {
  const outcomes: Readonly<Record<ActorName, string>> = {
    anonymous: 'forbidden',
    guest: 'notFound',
    viewer: 'viewer',
    commenter: 'commenter',
    editor: 'editor',
    owner: 'owner',
    'former member': 'notFound',
    'other tenant': 'notFound',
    'expired token': 'tokenExpired',
    'link viewer': 'viewer',
    'link editor': 'editor',
    'revoked link': 'notFound',
    'read cookie': 'forbidden',
  };
  const writers: readonly string[] = ['editor', 'owner'];
  let stage: Stage;
  beforeAll(async () => {
    stage = await cast.stage(actors);
    await cast.revoke(actors, stage);
  });

  it('join: grants the role, or refuses exactly as for a document that is absent', async () => {
    const found = {} as Record<ActorName, string>;
    for (const name of actorNames) {
      const { socket, outcome, frames } = await joinAs(actors[name], stage.id);
      found[name] = outcome;
      if (outcome === 'notFound') {
        const absent = await joinAs(actors[name], randomClientId());
        expect(absent.frames).toEqual(frames);
        absent.socket.disconnect();
      }
      socket.disconnect();
    }
    expect(found).toEqual(outcomes);
  });

  it('submit: commits operations of editors and owners, and of no other actor', async () => {
    const watcher = await joinAs(actors.owner, stage.id);
    for (const name of actorNames) {
      const { socket, outcome, frames } = await joinAs(actors[name], stage.id);
      const before = watcher.frames.length;
      const version = Number(frames.find(({ type }) => type === 'joined')?.body['version'] ?? 1);
      socket.emit('submit', { seq: 1, baseVersion: version, op: [`${name} `] });
      if (writers.includes(outcome)) await frame(frames, ['operations']);
      else if (outcome === outcomes[name] && outcome in { viewer: 0, commenter: 0 }) {
        expect((await frame(frames, ['rejected'])).body).toMatchObject({ code: 'readOnly' });
      } else await new Promise((resolve) => setTimeout(resolve, 100));
      const told = watcher.frames.slice(before).filter(({ type }) => type === 'operations');
      expect(told.length, name).toBe(writers.includes(outcome) ? 1 : 0);
      socket.disconnect();
    }
    watcher.socket.disconnect();
    const text = await (await cast.send(actors.owner, 'GET', `/d/${stage.id}.md`)).text();
    expect(text).toBe('link editor owner editor one two three');
  });

  it('presence: broadcasts carets of readers, and of no other actor', async () => {
    const watcher = await joinAs(actors.owner, stage.id);
    for (const name of actorNames) {
      const { socket, outcome, frames } = await joinAs(actors[name], stage.id);
      const isReader = frames.some(({ type }) => type === 'joined');
      watcher.frames.length = 0;
      const version = Number(frames.find(({ type }) => type === 'joined')?.body['version'] ?? 1);
      socket.emit('presence', { version, anchor: 1, head: 2 });
      if (isReader) await frame(watcher.frames, ['carets']);
      else await new Promise((resolve) => setTimeout(resolve, 150));
      const carets = watcher.frames.filter(({ type }) => type === 'carets');
      expect(carets.length, `${name} ${outcome}`).toBe(isReader ? 1 : 0);
      socket.disconnect();
    }
    watcher.socket.disconnect();
  });

  it('renew: accepts an access token of the same person, and ends the session on any other', async () => {
    const refresh = async (actor: ActorName): Promise<SignedIn> => {
      const response = await fetch(`${server.url}/api/v1/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': cast.nextAddress() },
        body: JSON.stringify(signInBody({ actor: actors[actor], actors, stage, cast })[1]),
      });
      return (await response.json()) as SignedIn;
    };
    const own = await joinAs(actors.viewer, stage.id);
    own.socket.emit('renew', { token: (await refresh('viewer')).accessToken });
    own.socket.emit('submit', { seq: 1, baseVersion: 1, op: ['x'] });
    expect((await frame(own.frames, ['rejected', 'refused'])).type).toBe('rejected');
    own.socket.disconnect();
    for (const token of [
      actors.editor.handshake['token'],
      actors['expired token'].handshake['token'],
      'no token at all',
    ]) {
      const { socket, frames } = await joinAs(actors.viewer, stage.id);
      socket.emit('renew', { token });
      expect((await frame(frames, ['refused'])).body['code']).toMatch(/signedOut|tokenExpired/);
      socket.disconnect();
    }
  });

  it('join and submit: enforce the scopes of an API token as the REST API does', async () => {
    const own = await cast.stage(actors);
    const expected = [
      [['account'], 'forbidden'],
      [['documents:read', 'account'], 'viewer'],
      [['documents:write'], 'editor'],
      [['sharing'], 'owner'],
    ] as const;
    for (const [scopes, outcome] of expected) {
      const token = await cast.apiToken(actors.owner, scopes);
      const headers = { authorization: `Bearer ${token}` };
      const program: Actor = { ...actors.owner, headers, handshake: { token } };
      const joined = await joinAs(program, own.id);
      expect(joined.outcome, scopes.join()).toBe(outcome);
      const version = Number(joined.frames.find(({ type }) => type === 'joined')?.body['version']);
      const read = await cast.send(program, 'GET', `/d/${own.id}.md`);
      const put = `/api/v1/documents/${own.id}/text?baseVersion=${version || 1}`;
      const written = await cast.send(program, 'PUT', put, 'one two three');
      expect(read.status, scopes.join()).toBe(outcome === 'forbidden' ? 403 : 200);
      expect(written.status, scopes.join()).toBe(writers.includes(outcome) ? 204 : 403);
      joined.socket.emit('submit', { seq: 1, baseVersion: version || 1, op: ['a program '] });
      if (writers.includes(outcome)) await frame(joined.frames, ['operations']);
      else if (outcome === 'viewer') await frame(joined.frames, ['rejected']);
      joined.socket.disconnect();
    }
  });

  it('renew: refuses an API token, which would give the connection no expiry', async () => {
    const token = await cast.apiToken(actors.viewer, ['account']);
    const { socket, frames } = await joinAs(actors.viewer, stage.id);
    socket.emit('renew', { token });
    expect((await frame(frames, ['refused'])).body['code']).toBe('signedOut');
    socket.disconnect();
  });

  it('join: counts a divergence only with proof, and rate-limits the count per network', async () => {
    // A fresh document: its head is version 1.
    const own = await cast.stage(actors);
    await cast.revoke(actors, own);
    const counted = async (name: string): Promise<number> => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
    };
    const divergences = (): Promise<number> => counted('concord_divergences_total');
    const claim = async (actor: Actor, proof: object): Promise<void> => {
      const { socket, frames } = connect(actor, own.id);
      const join = { docId: own.id, clientId: randomClientId(), epoch: 1, nextSeq: 1 };
      socket.emit('join', { ...join, version: 0, protocol: PROTOCOL_VERSION, diverged: true, ...proof }); // prettier-ignore
      await frame(frames, ['resync', 'joined', 'refused']);
      socket.disconnect();
    };
    const { socket, frames } = await joinAs(actors.viewer, own.id);
    socket.disconnect();
    const joined = frames.find(({ type }) => type === 'joined')?.body as unknown as JoinedMessage;
    const [first] = joined.tail;
    const head = { clientId: first?.clientId, seq: first?.seq, at: first?.at };
    const { historyId } = joined;
    const proof = { version: 1, historyId, head, checksum: 1 };
    for (const unproven of [
      {},
      { version: 1 },
      { ...proof, checksum: undefined },
      { ...proof, head: undefined },
      { ...proof, historyId: undefined },
      { ...proof, checksum: textChecksum('one two three') },
    ]) {
      await claim(actors.viewer, unproven);
    }
    expect(await divergences()).toBe(0);
    expect(await counted('concord_divergence_claims_total')).toBe(6);
    // Claims of actors without a role are ignored.
    for (const name of ['guest', 'former member', 'other tenant'] as const) {
      await claim(actors[name], proof);
    }
    expect(await divergences()).toBe(0);
    for (let n = 0; n < 5; n += 1) await claim(actors.viewer, proof);
    expect(await divergences()).toBe(1);
    for (const name of ['editor', 'commenter', 'owner', 'link viewer'] as const) {
      await claim(actors[name], proof);
    }
    expect(await divergences()).toBe(3);
    expect(await counted('concord_divergence_claims_total')).toBe(6);
  });

  it('leave: ends the session, so that a later submit commits nothing', async () => {
    for (const name of actorNames) {
      const { socket, frames } = await joinAs(actors[name], stage.id);
      socket.emit('leave', {});
      socket.emit('submit', { seq: 1, baseVersion: 1, op: ['after leaving'] });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(frames.filter(({ type }) => type === 'operations')).toEqual([]);
      socket.disconnect();
    }
    const text = await (await cast.send(actors.owner, 'GET', `/d/${stage.id}.md`)).text();
    expect(text).not.toContain('after leaving');
  });

  it('refuses within 10 s an actor whose access is revoked while connected, and sends it nothing more', async () => {
    const live = await cast.stage(actors);
    const former = await joinAs(actors['former member'], live.id);
    const byLink = await joinAs(actors['revoked link'], live.id);
    const watcher = await joinAs(actors.owner, live.id);
    expect([former.outcome, byLink.outcome]).toEqual(['editor', 'editor']);
    await cast.revoke(actors, live);
    for (const { frames } of [former, byLink]) {
      expect((await frame(frames, ['refused'], 10_000)).body['code']).toBe('accessRevoked');
    }
    former.frames.length = 0;
    byLink.frames.length = 0;
    former.socket.emit('submit', { seq: 1, baseVersion: 1, op: ['former '] });
    byLink.socket.emit('submit', { seq: 1, baseVersion: 1, op: ['by link '] });
    watcher.socket.emit('submit', { seq: 1, baseVersion: 1, op: ['owner '] });
    await frame(watcher.frames, ['operations']);
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const { frames } of [former, byLink]) expect(frames).toEqual([]);
    const text = await (await cast.send(actors.owner, 'GET', `/d/${live.id}.md`)).text();
    expect(text).toBe('owner one two three');
    for (const { socket } of [former, byLink, watcher]) socket.disconnect();
  });

  it('refuses a handshake from a page of another origin', async () => {
    const socket = io(server.url, {
      query: { doc: stage.id },
      auth: actors.owner.handshake,
      transports: ['websocket'],
      extraHeaders: { origin: 'https://elsewhere.example' },
      reconnection: false,
      forceNew: true,
    });
    const outcome = await new Promise((resolve) => {
      socket.on('connect', () => resolve('connected'));
      socket.on('connect_error', () => resolve('refused'));
    });
    socket.disconnect();
    expect(outcome).toBe('refused');
  });
});
