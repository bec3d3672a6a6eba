/** Refresh tokens: reuse of stolen ones, concurrent tabs, lost responses, cross-origin requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ATTEMPT_HEADER,
  PROTOCOL_VERSION,
  randomClientId,
  randomId,
  type DocumentResource,
  type SignedIn,
} from '@concord/protocol';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient, problemCode, type Answer } from '../support/http-client.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';

const PASSWORD = 'correct horse battery';
/** The server's grace period for a former token (accounts/refresh.ts), and half a second. */
const AFTER_THE_GRACE_MS = 10_500;
const REFRESH_COOKIE = 'concord_refresh';
const REFRESH_PATH = '/api/v1/sessions';

let directory: ReturnType<typeof temporaryDirectory>;
let server: TestServer;
let people = 0;
let page: HttpClient;
let signedIn: SignedIn;

beforeAll(async () => {
  directory = temporaryDirectory();
  server = await TestServer.start({ dataDirectory: directory.path });
});
afterAll(async () => {
  await server.stop();
  directory.remove();
});
beforeEach(async () => {
  people += 1;
  page = new HttpClient(server.url);
  signedIn = await page.signUp(`person-${people}`, PASSWORD);
});

const bearer = (accessToken: string) => ({ authorization: `Bearer ${accessToken}` });

async function isSignedIn(client: HttpClient, accessToken: string): Promise<boolean> {
  const answer = await client.send('GET', '/api/v1/sessions', undefined, bearer(accessToken));
  expect([200, 401]).toContain(answer.status);
  return answer.status === 200;
}

/** Another browser with a copy of the cookie. */
function thiefWith(token: string): HttpClient {
  const thief = new HttpClient(server.url);
  thief.setCookie(REFRESH_COOKIE, token, REFRESH_PATH);
  return thief;
}

function tokenOf(client: HttpClient): string {
  const token = client.cookie(REFRESH_COOKIE);
  if (token === undefined) throw new Error('There is no refresh cookie.');
  return token;
}

function accessTokenOf({ status, text }: Answer): string {
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return (JSON.parse(text) as SignedIn).accessToken;
}

interface LiveSocket {
  readonly socket: Socket;
  /** Resolves with the code of the refusal that ends the connection. */
  readonly over: Promise<string>;
}

/** Joins a document of the person's own. */
async function openSocket(accessToken: string): Promise<LiveSocket> {
  const made = await page.send('POST', '/api/v1/documents', {}, bearer(accessToken));
  const { id } = JSON.parse(made.text) as DocumentResource;
  const socket = io(server.url, {
    query: { doc: id },
    auth: { token: accessToken },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  let code = '';
  const over = new Promise<string>((resolve) => {
    socket.on('refused', (refusal: { code: string }) => (code = refusal.code));
    socket.on('disconnect', () => resolve(code));
  });
  const joined = new Promise((resolve, reject) => {
    socket.on('joined', resolve);
    socket.on('refused', reject);
    socket.on('connect_error', reject);
  });
  const join = { docId: id, clientId: randomClientId(), epoch: 1, version: 0, nextSeq: 1 };
  socket.emit('join', { ...join, protocol: PROTOCOL_VERSION });
  await joined;
  return { socket, over };
}

describe('a stolen refresh token', () => {
  it('used after its owner refreshed ends the token family and its live sockets, and no other session', async () => {
    const stolen = tokenOf(page);
    const elsewhere = new HttpClient(server.url);
    const other = await elsewhere.signIn(`person-${people}`, PASSWORD);
    const accessToken = accessTokenOf(await page.refresh());
    const live = await openSocket(accessToken);
    const untouched = await openSocket(other.accessToken);
    await sleep(AFTER_THE_GRACE_MS);

    const answer = await thiefWith(stolen).refresh();
    expect(answer.status).toBe(401);
    expect(problemCode(answer)).toBe('signedOut');
    await expect(live.over).resolves.toBe('signedOut');
    expect(await isSignedIn(page, accessToken)).toBe(false);
    expect((await page.refresh()).status).toBe(401);

    expect(await isSignedIn(elsewhere, other.accessToken)).toBe(true);
    expect((await elsewhere.refresh()).status).toBe(200);
    expect(untouched.socket.connected).toBe(true);
    untouched.socket.close();
  });

  it("used before its owner is revoked, with the thief's session, once the owner refreshes", async () => {
    const thief = thiefWith(tokenOf(page));
    const stolen = accessTokenOf(await thief.refresh());
    const live = await openSocket(stolen);
    await sleep(AFTER_THE_GRACE_MS);
    expect((await page.refresh()).status).toBe(401);
    await expect(live.over).resolves.toBe('signedOut');
    expect(await isSignedIn(thief, stolen)).toBe(false);
    expect((await thief.refresh()).status).toBe(401);
  });
});

describe('a refresh', () => {
  it('of ten concurrent tabs signs none out, and leaves one token for all of them', async () => {
    const before = tokenOf(page);
    const live = await openSocket(signedIn.accessToken);
    const tabs = Array.from({ length: 10 }, () => thiefWith(before));
    const answers = await Promise.all(tabs.map((tab) => tab.refresh()));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const tokens = new Set(tabs.map(tokenOf));
    expect(tokens.size).toBe(1);
    expect(tokens.has(before)).toBe(false);
    // Tabs share one cookie, set by the last response; each tab can refresh again.
    for (const tab of tabs) expect((await tab.refresh()).status).toBe(200);
    for (const answer of answers) expect(await isSignedIn(page, accessTokenOf(answer))).toBe(true);
    expect(live.socket.connected).toBe(true);
    live.socket.close();
  });

  it('whose response was lost can be retried with its attempt id after the grace period', async () => {
    const before = tokenOf(page);
    const attempt = randomId();
    const lost = thiefWith(before);
    expect((await lost.refresh(attempt)).status).toBe(200);
    await sleep(AFTER_THE_GRACE_MS);
    expect(tokenOf(page)).toBe(before);
    const again = await page.refresh(attempt);
    expect(again.status).toBe(200);
    expect(tokenOf(page)).toBe(tokenOf(lost));
    expect(await isSignedIn(page, accessTokenOf(again))).toBe(true);
    expect((await page.refresh()).status).toBe(200);
  });

  it('succeeds after the server was killed and restarted', async () => {
    const own = temporaryDirectory();
    const options = { dataDirectory: own.path };
    let restarted = await TestServer.start(options);
    try {
      const client = new HttpClient(restarted.url);
      await client.signUp('ann', PASSWORD);
      expect((await client.refresh()).status).toBe(200);
      const token = tokenOf(client);
      await restarted.kill();
      restarted = await TestServer.start(options);
      const later = new HttpClient(restarted.url);
      later.setCookie(REFRESH_COOKIE, token, REFRESH_PATH);
      expect((await later.refresh()).status).toBe(200);
    } finally {
      await restarted.stop();
      own.remove();
    }
  });
});

describe('a page of another origin', () => {
  const calls = [
    ['POST', '/api/v1/sessions/refresh'],
    ['DELETE', '/api/v1/sessions/current'],
  ] as const;

  for (const [method, path] of calls) {
    it(`cannot make the browser call ${method} ${path}`, async () => {
      const before = tokenOf(page);
      const attempt = { [ATTEMPT_HEADER]: randomId() };
      for (const headers of [
        { ...attempt, origin: 'https://evil.example' },
        { ...attempt, origin: 'null' },
        { ...attempt, origin: `${server.url}.evil.example` },
        // The right origin without the custom header, which a form or an image cannot send.
        { origin: server.url },
        {},
      ]) {
        const answer = await page.send(method, path, undefined, headers);
        expect([headers, answer.status]).toEqual([headers, 403]);
        expect(answer.headers['set-cookie']).toBeUndefined();
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
      expect(tokenOf(page)).toBe(before);
      expect(await isSignedIn(page, signedIn.accessToken)).toBe(true);
      const own = { ...attempt, origin: server.url };
      expect((await page.send(method, path, undefined, own)).status).toBeLessThan(300);
    });
  }

  it('gets no preflight permission for the custom header', async () => {
    const answer = await page.send('OPTIONS', '/api/v1/sessions/refresh', undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': ATTEMPT_HEADER,
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    );
  });
});

describe('the refresh cookie', () => {
  it('is HttpOnly, SameSite=Strict, and limited to the refresh path', async () => {
    const answer = await page.refresh();
    const lines = [answer.headers['set-cookie'] ?? []].flat();
    const line = lines.find((cookie) => cookie.startsWith(`${REFRESH_COOKIE}=`)) ?? '';
    for (const attribute of ['HttpOnly', 'SameSite=Strict', `Path=${REFRESH_PATH}`]) {
      expect(line.split('; ')).toContain(attribute);
    }
  });

  it('is cleared by signing out, which also ends live sockets', async () => {
    const live = await openSocket(signedIn.accessToken);
    const headers = { [ATTEMPT_HEADER]: randomId() };
    const answer = await page.send('DELETE', '/api/v1/sessions/current', undefined, headers);
    expect(answer.status).toBe(204);
    await expect(live.over).resolves.toBe('signedOut');
    expect(page.cookie(REFRESH_COOKIE)).toBeUndefined();
    expect(await isSignedIn(page, signedIn.accessToken)).toBe(false);
  });
});
