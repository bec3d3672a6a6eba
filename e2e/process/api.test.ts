/**
 * Conformance of the REST API to its OpenAPI document: the document is valid, and a fuzzer generated from it calls
 * every operation as each kind of actor. No response is a 5xx fault, and each matches a documented response.
 */
import { createHash } from 'node:crypto';
import {
  ATTEMPT_HEADER,
  randomId,
  type CreatedApiToken,
  type CreatedInvitation,
  type CreatedShareLink,
  type DocumentInvitation,
  type DocumentResource,
  type SignedIn,
} from '@concord/protocol';
import { validate } from '@readme/openapi-parser';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOfAnswer, requestOf, type FuzzRequest } from '../support/api-fuzzer.ts';
import { operationsOf, type OpenApiDocument, type Operation } from '../support/openapi.ts';
import type { Pool } from '../support/schema-values.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';
import { openStore } from '../support/store.ts';

const PASSWORD = 'correct horse battery';
/** Requests per operation and kind of actor; CONCORD_FUZZ_RUNS overrides it. */
const RUNS = Number(process.env['CONCORD_FUZZ_RUNS'] ?? 25);
const SEED = Number(process.env['CONCORD_FUZZ_SEED'] ?? 20_261);

let directory: ReturnType<typeof temporaryDirectory>;
let server: TestServer;
let description: OpenApiDocument;
/** One administrator per operation: a fuzzed request may delete or disable its own account. */
const adminInvitations: string[] = [];
let people = 0;

beforeAll(async () => {
  directory = temporaryDirectory();
  const store = await openStore(directory.path);
  const invite = async (): Promise<void> => {
    const token = randomId();
    adminInvitations.push(token);
    await store.invitations.create({
      id: randomId(),
      tokenHash: createHash('sha256').update(token).digest('hex'),
      label: '',
      isAdmin: true,
      // Another creator: the first start revokes the invitations that it printed itself.
      createdBy: '0'.repeat(32),
      createdAt: Date.now(),
      expiresAt: Date.now() + 3_600_000,
      usedBy: null,
    });
  };
  await Promise.all(Array.from({ length: 100 }, invite));
  await store.close();
  server = await TestServer.start({
    dataDirectory: directory.path,
    environment: { CONCORD_TRUSTED_PROXIES: '127.0.0.1' },
  });
  const response = await fetch(`${server.url}/api/v1/openapi.json`);
  description = (await response.json()) as OpenApiDocument;
});
afterAll(async () => {
  await server.stop();
  directory.remove();
});

type Headers = Readonly<Record<string, string>>;

/** Attempts are rate-limited by address, so each request gets its own. */
const addressOf = (n: number): Headers => ({ 'x-forwarded-for': `10.2.${n >> 8}.${n & 255}` });

async function ask<T>(who: Headers, method: string, path: string, body?: unknown): Promise<T> {
  people += 1;
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: {
      ...who,
      ...addressOf(people),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** Signs up an account from a fresh address, and keeps its refresh token. */
async function signUp(invitation?: string): Promise<{ who: Headers; userName: string } & SignedIn> {
  people += 1;
  const userName = `person-${people}`;
  const response = await fetch(`${server.url}/api/v1/accounts`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...addressOf(people),
    },
    body: JSON.stringify({
      userName,
      password: PASSWORD,
      ...(invitation === undefined ? {} : { invitation }),
    }),
  });
  if (response.status !== 201) throw new Error(await response.text());
  const signedIn = (await response.json()) as SignedIn;
  const cookie = /concord_refresh=[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0] ?? '';
  const who = { authorization: `Bearer ${signedIn.accessToken}`, cookie };
  return { who, userName, ...signedIn };
}

interface Actor {
  readonly who: Headers;
  /** Ids that exist, mostly the actor's own, so that operations also succeed. */
  readonly poolOf: (operation: Operation) => Pool;
}

interface Owned {
  readonly document: string;
  readonly trashed: string;
  readonly links: readonly CreatedShareLink[];
  /** Ids of open invitations, by user id. */
  readonly sent: ReadonlyMap<string, string>;
}

/** All kinds of actors, each with its own documents, links, tokens and sessions. */
async function newScene(): Promise<Readonly<Record<string, Actor>>> {
  const guest = { guestToken: randomId() };
  const account = await signUp();
  const admin = await signUp(adminInvitations.pop());
  const scopes = ['documents:read', 'documents:write', 'sharing', 'account'];
  const label = 'A program';
  const make = () => ask<CreatedApiToken>(account.who, 'POST', '/tokens', { label, scopes });
  const [program, token] = [await make(), await make()];
  const invited = await ask<CreatedInvitation>(admin.who, 'POST', '/invitations', {});
  const { userId: guestId } = await ask<{ userId: string }>(guest, 'GET', '/me');
  const userIds = [account.userId, admin.userId, guestId];
  const owned = {
    guest: await own(guest, userIds),
    account: await own(account.who, userIds),
    admin: await own(admin.who, userIds),
  };
  // Each has accepted the invitation of one other actor, and has an open invitation of the second.
  const parties = [
    { who: guest, userId: guestId, own: owned.guest },
    { who: account.who, userId: account.userId, own: owned.account },
    { who: admin.who, userId: admin.userId, own: owned.admin },
  ];
  const received = new Map<Owned, readonly string[]>();
  for (const [place, { who, userId, own: mine }] of parties.entries()) {
    const from = (step: number): string =>
      parties[(place + step) % parties.length]?.own.sent.get(userId) ?? '';
    await ask(who, 'POST', `/me/invitations/${from(1)}/accept`);
    received.set(mine, [from(2)]);
  }
  const idsOf = (path: string, { document, trashed }: Owned): readonly string[] => {
    if (path.startsWith('/api/v1/sessions')) return [account.sessionId, admin.sessionId];
    if (path.startsWith('/api/v1/tokens')) return [token.id];
    if (path.startsWith('/api/v1/invitations')) return [invited.id];
    return [document, document, document, trashed, owned.guest.document];
  };
  const actor = (who: Headers, own: Owned): Actor => ({
    who,
    poolOf: ({ path }) => ({
      id: idsOf(path, own),
      linkId: own.links.map(({ id }) => id),
      invitationId: path.startsWith('/api/v1/me')
        ? (received.get(own) ?? [])
        : [...own.sent.values()],
      userId: userIds,
      token: own.links.map(({ url }) => url.slice('/s/'.length)),
      login: [account.userName, admin.userName],
      userName: [account.userName, `new-${randomId()}`],
      password: [PASSWORD],
      current: [PASSWORD],
      invitation: [invited.url.slice('/sign-up#'.length)],
      [ATTEMPT_HEADER]: [randomId()],
    }),
  });
  return {
    nobody: actor({}, owned.guest),
    guest: actor(guest, owned.guest),
    account: actor(account.who, owned.account),
    program: actor({ authorization: `Bearer ${program.token}` }, owned.account),
    admin: actor(admin.who, owned.admin),
  };
}

async function own(who: Headers, userIds: readonly string[]): Promise<Owned> {
  const create = async (title: string): Promise<string> => {
    const body = { title, text: 'one two three', anyone: 'off', folder: 'Work' };
    return (await ask<DocumentResource>(who, 'POST', '/documents', body)).id;
  };
  const [document, trashed] = [await create('Here'), await create('Thrown away')];
  await ask(who, 'DELETE', `/documents/${trashed}`);
  const links: CreatedShareLink[] = [];
  for (const more of [{}, { password: PASSWORD }]) {
    links.push(await ask(who, 'POST', `/documents/${document}/links`, { role: 'editor', ...more }));
  }
  const { userId: self } = await ask<{ userId: string }>(who, 'GET', '/me');
  const sent = new Map<string, string>();
  for (const userId of userIds) {
    if (userId === self) continue;
    const body = { userId, role: 'editor' };
    const { id } = await ask<DocumentInvitation>(
      who,
      'POST',
      `/documents/${document}/people`,
      body,
    );
    sent.set(userId, id);
  }
  return { document, trashed, links, sent };
}

async function send(who: Headers, { method, target, headers, body }: FuzzRequest) {
  people += 1;
  const response = await fetch(server.url + target, {
    method,
    redirect: 'manual',
    headers: {
      ...headers,
      ...who,
      // Rate limits by address must not shadow the responses under test.
      'x-forwarded-for': `10.3.${(people >> 8) & 255}.${people & 255}`,
    },
    ...(body === null ? {} : { body }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type')?.split(';')[0] ?? null;
  return { status: response.status, type, text };
}

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const result = await validate(structuredClone(description) as never);
    expect(result).toMatchObject({ valid: true, warnings: [] });
  });

  it('has a unique operation id and a security requirement for every operation', () => {
    const operations = operationsOf(description);
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.filter((id) => !/^[a-z]+[a-zA-Z]*$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(operations.filter(({ security }) => security === undefined)).toEqual([]);
  });
});

describe('the REST API, fuzzed from its OpenAPI document', () => {
  /** Single sign-on cannot succeed without an identity provider; single-sign-on.test.ts covers it. */
  const neverSucceeds = ['/api/v1/sign-on', '/api/v1/sign-on/callback'];

  it(
    'answers every request of every actor with a documented response',
    { timeout: 600_000 },
    async () => {
      const definitions = description.components.schemas;
      const succeeded = new Set<string>();
      const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;
      for (const operation of operationsOf(description)) {
        for (const [name, { who, poolOf }] of Object.entries(await newScene())) {
          const request = requestOf(operation, definitions, poolOf(operation));
          await fc.assert(
            fc.asyncProperty(request, async (asked) => {
              const answer = await send(who, asked);
              if (answer.status < 400) succeeded.add(nameOf(operation));
              const faults = faultsOfAnswer(operation, definitions, asked, answer);
              // All that is needed to repeat the request.
              if (faults.length > 0)
                throw new Error(JSON.stringify({ name, faults, asked, answer }));
            }),
            { seed: SEED, numRuns: RUNS, endOnFailure: true },
          );
        }
      }
      const exercised = operationsOf(description).filter(
        ({ path }) => !neverSucceeds.includes(path),
      );
      expect(exercised.map(nameOf).filter((name) => !succeeded.has(name))).toEqual([]);
    },
  );

  it('is checked by a matcher that finds undocumented statuses, types and bodies', () => {
    const { schemas } = description.components;
    const read = operationsOf(description).find(({ path, method }) => {
      return method === 'GET' && path === '/api/v1/folders';
    });
    if (read === undefined) throw new Error('There is no such operation.');
    const faults = (status: number, type: string | null, text: string, isWrong = false) =>
      faultsOfAnswer(read, schemas, { isWrong }, { status, type, text });
    const json = 'application/json';
    expect(faults(200, json, '{"folders":[]}')).toEqual([]);
    expect(faults(304, null, '')).toEqual([]);
    expect(faults(200, json, '{"folders":[]}', true)).toHaveLength(1);
    expect(faults(200, json, '{"folders":[{"name":"a"}]}')).toEqual([
      '$.folders[0].documents is missing',
    ]);
    expect(faults(200, json, '{"folders":[],"secret":1}')).toEqual(['$.secret is not expected']);
    expect(faults(200, 'text/html', '')).toHaveLength(1);
    expect(faults(204, null, '')).toHaveLength(1);
    expect(faults(404, json, '{}')).toHaveLength(1);
    expect(faults(500, 'application/problem+json', '{}')).toHaveLength(1);
  });

  it('still serves and stores documents after the fuzzing', async () => {
    const { id } = await server.createDocument({ text: 'still here' });
    expect(await server.readText(id)).toBe('still here');
  });
});
