/** Single sign-on against a real OpenID Connect provider, with clients that follow every redirect. */
import { createServer, type AddressInfo } from 'node:net';
import type { Me, SignUpMode } from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpClient, problemCode, type Answer } from '../support/http-client.ts';
import { IdentityProvider, type Person } from '../support/identity-provider.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';
import { openStore } from '../support/store.ts';

const ann: Person = {
  sub: 'ann-4711',
  preferred_username: 'Ann.Example',
  name: 'Ann Example',
  email: 'ann@example.org',
  email_verified: true,
};
const PASSWORD = 'correct horse battery';
const CALLBACK = '/api/v1/sign-on/callback';
const SIGN_ON_COOKIE = 'concord_sign_on';

let directory: ReturnType<typeof temporaryDirectory>;
let provider: IdentityProvider;
let server: TestServer;

/** A free port: the provider must know the callback before the server starts. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function start(signUp: SignUpMode = 'open'): Promise<void> {
  const port = await freePort();
  provider = await IdentityProvider.start(`http://127.0.0.1:${port}${CALLBACK}`);
  server = await TestServer.start({
    dataDirectory: directory.path,
    port,
    environment: { ...provider.environment, CONCORD_SIGN_UP: signUp },
  });
}

beforeEach(() => (directory = temporaryDirectory()));
afterEach(async () => {
  await server.stop();
  await provider.stop();
  directory.remove();
});

function locationOf({ status, headers, text }: Answer): string {
  const { location } = headers;
  if (status < 300 || status >= 400 || typeof location !== 'string') {
    throw new Error(`No redirect: ${status} ${text}`);
  }
  return location;
}

/** Begins a sign-on. @returns the address that the browser is sent to */
async function begin(client: HttpClient, body: object = {}): Promise<string> {
  const { status, text } = await client.send('POST', '/api/v1/sign-on', body);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return (JSON.parse(text) as { location: string }).location;
}

/** Follows redirects through provider and server to the first page outside the API. */
async function follow(
  client: HttpClient,
  signOn: object = {},
): Promise<{ page: string; last: Answer }> {
  let target = await begin(client, signOn);
  for (let hops = 0; hops < 12; hops += 1) {
    const answer = await client.send('GET', target);
    target = new URL(locationOf(answer), new URL(target, server.url)).href;
    const { origin, pathname, search, hash } = new URL(target);
    if (origin === server.url && !pathname.startsWith('/api/')) {
      return { page: pathname + search + hash, last: answer };
    }
  }
  throw new Error(`Too many redirects, the last to ${target}`);
}

/** Follows redirects up to the callback, without calling it. @returns its address with the code */
async function untilCallback(client: HttpClient): Promise<string> {
  let target = await begin(client);
  for (let hops = 0; hops < 12; hops += 1) {
    const answer = await client.send('GET', target);
    target = new URL(locationOf(answer), new URL(target, server.url)).href;
    if (target.startsWith(server.url + CALLBACK)) return target;
  }
  throw new Error(`Too many redirects, the last to ${target}`);
}

async function me(client: HttpClient): Promise<Me> {
  const refreshed = await client.refresh();
  if (refreshed.status !== 200) throw new Error(refreshed.text);
  const { accessToken } = JSON.parse(refreshed.text) as { accessToken: string };
  const headers = { authorization: `Bearer ${accessToken}` };
  return JSON.parse((await client.send('GET', '/api/v1/me', undefined, headers)).text) as Me;
}

const isSignedIn = async (client: HttpClient): Promise<boolean> =>
  (await client.refresh()).status === 200;

describe('single sign-on', () => {
  it('turns the guest into an account at the first sign-on, and signs in to it afterwards', async () => {
    await start();
    provider.signsIn = ann;
    const client = new HttpClient(server.url);
    const guest = JSON.parse((await client.send('GET', '/api/v1/me')).text) as Me;
    expect(guest).toMatchObject({ kind: 'guest', singleSignOn: 'Example ID' });
    const made = await client.send('POST', '/api/v1/documents', { title: 'Mine' });
    expect(made.status).toBe(201);
    const guestCookie = client.cookie('concord_guest');

    const { page } = await follow(client, { returnTo: '/d/mine?view=split' });
    expect(page).toBe('/d/mine?view=split');
    expect(await me(client)).toMatchObject({
      kind: 'account',
      userId: guest.userId,
      userName: 'ann.example',
      name: 'Ann Example',
      email: 'ann@example.org',
      hasPassword: false,
    });
    expect(client.cookie('concord_guest')).not.toBe(guestCookie);
    expect(client.cookie(SIGN_ON_COOKIE)).toBeUndefined();
    expect(provider.tokenRequests).toEqual(['Basic']);

    const { userId } = guest;
    const elsewhere = new HttpClient(server.url);
    await elsewhere.send('GET', '/api/v1/me');
    await follow(elsewhere);
    expect(await me(elsewhere)).toMatchObject({ kind: 'account', userId });
  });

  it('never takes over a local account with the same email address or user name', async () => {
    await start();
    const local = new HttpClient(server.url);
    const { userId } = JSON.parse(
      (
        await local.send('POST', '/api/v1/accounts', {
          userName: 'ann.example',
          email: 'ann@example.org',
          password: PASSWORD,
        })
      ).text,
    ) as { userId: string };
    provider.signsIn = ann;
    const client = new HttpClient(server.url);
    await follow(client);
    const other = await me(client);
    expect(other).toMatchObject({ kind: 'account', userName: 'ann.example-2', email: null });
    expect(other.userId).not.toBe(userId);
  });

  it('ignores an email address that the provider did not verify', async () => {
    await start();
    provider.signsIn = { ...ann, email_verified: false };
    const client = new HttpClient(server.url);
    await follow(client);
    expect(await me(client)).toMatchObject({ userName: 'ann.example', email: null });
  });

  it('makes no account where sign-up is closed', async () => {
    await start('closed');
    provider.signsIn = ann;
    const client = new HttpClient(server.url);
    const { page } = await follow(client);
    expect(page).toBe('/sign-in?problem=signUpClosed');
    expect(await isSignedIn(client)).toBe(false);
  });

  it('takes an invitation in the request body, and never puts it into an address or the log', async () => {
    await start('invitation');
    provider.signsIn = ann;
    // The invitation that the first start prints.
    const printed = (): string => /\/sign-up#(\S+)\n/.exec(server.stdout)?.[1] ?? '';
    await vi.waitFor(() => expect(printed()).not.toBe(''), 20_000);
    const invitation = printed();
    const uninvited = new HttpClient(server.url);
    expect((await follow(uninvited)).page).toBe('/sign-in?problem=invitationNeeded');
    const asked = await uninvited.send('GET', `/api/v1/sign-on?invitation=${invitation}`);
    expect([asked.status, asked.headers['allow']]).toEqual([405, 'OPTIONS, POST']);
    expect((await follow(uninvited)).page).toBe('/sign-in?problem=invitationNeeded');

    const invited = new HttpClient(server.url);
    expect(await begin(invited, { invitation })).not.toContain(invitation);
    expect((await follow(invited, { invitation })).page).toBe('/');
    expect(await me(invited)).toMatchObject({ kind: 'account', userName: 'ann.example' });
    expect(server.stderr).not.toContain(invitation);
  });

  it('cannot be begun by a page of another origin', async () => {
    await start();
    const client = new HttpClient(server.url);
    const headers = { origin: 'https://evil.example' };
    expect((await client.send('POST', '/api/v1/sign-on', {}, headers)).status).toBe(403);
    expect(client.cookie(SIGN_ON_COOKIE)).toBeUndefined();
  });

  it('redirects to pages of this server only', async () => {
    await start();
    provider.signsIn = ann;
    for (const returnTo of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
      const client = new HttpClient(server.url);
      const { page } = await follow(client, { returnTo });
      expect(page).toBe('/');
    }
  });

  it('refuses an account that an administrator disabled', async () => {
    await start();
    provider.signsIn = ann;
    const client = new HttpClient(server.url);
    await follow(client);
    const { userId } = await me(client);
    const { port } = server;
    await server.stop();
    const store = await openStore(directory.path);
    await store.accounts.change(userId, { disabledAt: Date.now() });
    await store.close();
    server = await TestServer.start({
      dataDirectory: directory.path,
      port,
      environment: provider.environment,
    });
    const { page } = await follow(client);
    expect(page).toBe('/sign-in?problem=accountDisabled');
    expect(await isSignedIn(client)).toBe(false);
  });
});

describe('a single sign-on callback', () => {
  it('with a refusal of the provider leads to the sign-in page with the problem', async () => {
    await start();
    const client = new HttpClient(server.url);
    const { page } = await follow(client);
    expect(page).toBe('/sign-in?problem=signOnRefused');
    expect(await isSignedIn(client)).toBe(false);
  });

  it('is accepted once, and only in the browser that began the sign-on', async () => {
    await start();
    provider.signsIn = ann;
    const client = new HttpClient(server.url);
    const callback = await untilCallback(client);
    // Login CSRF: the attacker sends the victim the address of a callback of their own.
    const victim = new HttpClient(server.url);
    expect(locationOf(await victim.send('GET', callback))).toBe('/sign-in?problem=signOnExpired');
    expect(await isSignedIn(victim)).toBe(false);
    // Also while the victim has a sign-on of their own under way.
    await untilCallback(victim);
    expect(locationOf(await victim.send('GET', callback))).toBe('/sign-in?problem=signOnFailed');
    expect(await isSignedIn(victim)).toBe(false);

    const cookie = client.cookie(SIGN_ON_COOKIE) ?? '';
    expect(locationOf(await client.send('GET', callback))).toBe('/');
    expect(await isSignedIn(client)).toBe(true);
    const again = new HttpClient(server.url);
    again.setCookie(SIGN_ON_COOKIE, cookie, '/api/v1/sign-on');
    expect(locationOf(await again.send('GET', callback))).toBe('/sign-in?problem=signOnFailed');
    expect(await isSignedIn(again)).toBe(false);
  });

  it('with another state, code or issuer, or without state or code, is refused', async () => {
    await start();
    provider.signsIn = ann;
    const changes: ((query: URLSearchParams) => void)[] = [
      (query) => query.set('state', 'another'),
      (query) => query.delete('state'),
      (query) => query.delete('code'),
      (query) => query.set('code', 'another'),
      (query) => query.set('iss', 'https://evil.example'),
    ];
    for (const change of changes) {
      const client = new HttpClient(server.url);
      const callback = new URL(await untilCallback(client));
      change(callback.searchParams);
      const location = locationOf(await client.send('GET', callback.href));
      expect(location).toBe('/sign-in?problem=signOnFailed');
      expect(await isSignedIn(client)).toBe(false);
    }
  });

  it('with a tampered sign-on cookie is refused', async () => {
    await start();
    provider.signsIn = ann;
    const client = new HttpClient(server.url);
    const callback = await untilCallback(client);
    const cookie = client.cookie(SIGN_ON_COOKIE) ?? '';
    expect(cookie).not.toBe('');
    const middle = cookie.length >> 1;
    const flipped = cookie[middle] === 'A' ? 'B' : 'A';
    client.setCookie(
      SIGN_ON_COOKIE,
      cookie.slice(0, middle) + flipped + cookie.slice(middle + 1),
      '/api/v1/sign-on',
    );
    expect(locationOf(await client.send('GET', callback))).toBe('/sign-in?problem=signOnExpired');
  });
});

describe('an identity provider that is down', () => {
  it('does not affect accounts with a password, and is used again when it is back', async () => {
    await start();
    const { issuer } = provider;
    await provider.stop();
    const client = new HttpClient(server.url);
    const refused = await client.send('POST', '/api/v1/sign-on', {});
    expect([refused.status, problemCode(refused)]).toEqual([503, 'signOnUnavailable']);
    await client.signUp('bob', PASSWORD);

    const port = Number(new URL(issuer).port);
    provider = await IdentityProvider.start(server.url + CALLBACK, port);
    provider.signsIn = ann;
    const later = new HttpClient(server.url);
    expect((await follow(later)).page).toBe('/');
    expect(await me(later)).toMatchObject({ userName: 'ann.example' });
  });
});

describe('a server without an identity provider', () => {
  it('answers 404 on the routes of single sign-on', async () => {
    await start();
    const own = temporaryDirectory();
    const plain = await TestServer.start({ dataDirectory: own.path });
    try {
      const client = new HttpClient(plain.url);
      expect((await client.send('POST', '/api/v1/sign-on', {})).status).toBe(404);
      expect((await client.send('GET', CALLBACK)).status).toBe(404);
    } finally {
      await plain.stop();
      own.remove();
    }
  });
});
