/** `concord rotate-keys` beside a running server: sessions go on, unless `--now` revokes the former key. */
import {
  PROTOCOL_VERSION,
  randomClientId,
  type DocumentResource,
  type SignedIn,
} from '@concord/protocol';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HttpClient } from '../support/http-client.ts';
import { runProgram, temporaryDirectory, TestServer } from '../support/server.ts';

const PASSWORD = 'correct horse battery';

let directory: ReturnType<typeof temporaryDirectory>;
let server: TestServer;
beforeEach(async () => {
  directory = temporaryDirectory();
  server = await TestServer.start({ dataDirectory: directory.path });
});
afterEach(async () => {
  await server.stop();
  directory.remove();
});

const rotateKeys = (...options: string[]) =>
  runProgram(['rotate-keys', ...options], { CONCORD_DATA: directory.path });
const bearer = ({ accessToken }: { accessToken: string }) => ({
  authorization: `Bearer ${accessToken}`,
});
const kidOf = ({ accessToken }: SignedIn): unknown =>
  (JSON.parse(Buffer.from(accessToken.split('.')[0] ?? '', 'base64url').toString()) as { kid: unknown }).kid; // prettier-ignore

async function statusOf(client: HttpClient, path: string, headers = {}): Promise<number> {
  return (await client.send('GET', path, undefined, headers)).status;
}

async function userIdOf(client: HttpClient): Promise<string> {
  return (JSON.parse((await client.send('GET', '/api/v1/me')).text) as { userId: string }).userId;
}

async function documentOf(client: HttpClient, signedIn: SignedIn): Promise<DocumentResource> {
  const made = await client.send('POST', '/api/v1/documents', { text: 'own' }, bearer(signedIn));
  return JSON.parse(made.text) as DocumentResource;
}

async function joined(id: string, { accessToken }: SignedIn): Promise<Socket> {
  const socket = io(server.url, {
    query: { doc: id },
    auth: { token: accessToken },
    ...{ transports: ['websocket'], reconnection: false, forceNew: true },
  });
  const answer = new Promise((resolve, reject) => {
    socket.on('joined', resolve);
    socket.on('refused', reject);
  });
  const join = { docId: id, clientId: randomClientId(), epoch: 1, version: 0, nextSeq: 1 };
  socket.emit('join', { ...join, protocol: PROTOCOL_VERSION });
  await answer;
  return socket;
}

it('after rotate-keys, proofs signed by the former key stay valid and are renewed with the new one', async () => {
  const [page, guest] = [new HttpClient(server.url), new HttpClient(server.url)];
  const signedIn = await page.signUp('ann', PASSWORD);
  const { id } = await documentOf(page, signedIn);
  const guestId = await userIdOf(guest);
  const socket = await joined(id, signedIn);

  expect(await rotateKeys()).toMatchObject({ code: 0, stdout: expect.stringContaining('no one is signed out') as unknown }); // prettier-ignore

  expect(await statusOf(page, '/api/v1/sessions', bearer(signedIn))).toBe(200);
  // The read cookie of the former key is accepted, and replaced by one of the new key.
  expect(await statusOf(page, `/api/v1/documents/${id}`)).toBe(200);
  const readCookie = page.cookie('concord_read');
  const refreshed = await page.refresh();
  expect(refreshed.status).toBe(200);
  const renewed = JSON.parse(refreshed.text) as SignedIn;
  expect(kidOf(renewed)).not.toBe(kidOf(signedIn));
  expect(page.cookie('concord_read')).not.toBe(readCookie);
  expect(await statusOf(page, '/api/v1/sessions', bearer(renewed))).toBe(200);
  expect(await statusOf(page, `/api/v1/documents/${id}`)).toBe(200);
  expect(await userIdOf(guest)).toBe(guestId);
  expect(socket.connected).toBe(true);
  socket.close();

  // Both keys are stored: a restart accepts the proofs of either.
  await server.stop();
  server = await TestServer.start({ dataDirectory: directory.path });
  for (const each of [signedIn, renewed]) {
    const again = new HttpClient(server.url);
    expect(await statusOf(again, '/api/v1/sessions', bearer(each))).toBe(200);
  }
});

it('rotate-keys --now revokes what the former key signed, and ends its live sessions within seconds', async () => {
  const [page, guest] = [new HttpClient(server.url), new HttpClient(server.url)];
  const signedIn = await page.signUp('ann', PASSWORD);
  const { id } = await documentOf(page, signedIn);
  const guestId = await userIdOf(guest);
  const made = await page.send('POST', '/api/v1/tokens', { label: 'x', scopes: ['documents:read'] }, bearer(signedIn)); // prettier-ignore
  const { token } = JSON.parse(made.text) as { token: string };
  const socket = await joined(id, signedIn);
  const over = new Promise((resolve) => socket.on('disconnect', resolve));

  expect(await rotateKeys('--now')).toMatchObject({ code: 0, stdout: expect.stringContaining('1 sessions') as unknown }); // prettier-ignore

  expect(await statusOf(page, '/api/v1/sessions', bearer(signedIn))).toBe(401);
  expect(await statusOf(page, `/api/v1/documents/${id}`)).toBe(401);
  expect((await page.refresh()).status).toBe(401);
  await over;
  // Guests, API tokens and passwords do not depend on the key.
  expect(await userIdOf(guest)).toBe(guestId);
  expect(await statusOf(guest, `/api/v1/documents/${id}`, bearer({ accessToken: token }))).toBe(
    200,
  );
  const again = await page.signIn('ann', PASSWORD);
  expect(await statusOf(page, '/api/v1/sessions', bearer(again))).toBe(200);
});

it('rotate-keys works while no server runs, and refuses unknown options', async () => {
  const page = new HttpClient(server.url);
  const signedIn = await page.signUp('ann', PASSWORD);
  await server.stop();
  expect(await rotateKeys('--soon')).toMatchObject({ code: 2 });
  expect(await rotateKeys('--now')).toMatchObject({ code: 0 });
  server = await TestServer.start({ dataDirectory: directory.path });
  const later = new HttpClient(server.url);
  expect(await statusOf(later, '/api/v1/sessions', bearer(signedIn))).toBe(401);
});
