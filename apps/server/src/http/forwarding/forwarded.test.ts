import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FIRST_KEY_ID } from '../../store/ports/signing-key-store.ts';
import { StoreError } from '../../store/ports/store.ts';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ringOf } from '../../accounts/test-keys.ts';
import { createLog } from '../../platform/log.ts';
import { Guard } from '../../platform/guard.ts';
import { addressReader } from '../address-of.ts';
import { acceptForwarded, FORWARDED_HEADER, forwardedOf } from './forwarded.ts';
import { NodeTokens } from './node-tokens.ts';

const key = new Uint8Array(32).fill(7);
const keys = ringOf(key);
const client = { address: '203.0.113.5', isHttps: true };
const addressOf = addressReader([]);
let now: number;
let server: Server;
let port: number;

beforeEach(async () => {
  now = Date.parse('2026-01-01T00:00:00Z');
  server = createServer((request, response) => {
    const from = forwardedOf(request);
    response.end(JSON.stringify([addressOf(request), from, FORWARDED_HEADER in request.headers]));
  });
  server.on('upgrade', (request, socket) => {
    socket.end(`HTTP/1.1 400 no\r\nconnection: close\r\n\r\n${addressOf(request)}`);
  });
  const guard = new Guard({ log: createLog('silent'), metrics: { fault: () => {} } });
  const tokens = new NodeTokens({ keys, node: 'b', now: () => now });
  acceptForwarded(server, { tokens, guard });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function ask(headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (piece) => (text += String(piece)));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
    request.end();
  });
}
const sent = async (token: string) =>
  JSON.parse(await ask({ [FORWARDED_HEADER]: token })) as readonly unknown[];
const asClient = ['127.0.0.1', null, false];

const issued = (to = 'b', given: Partial<ConstructorParameters<typeof NodeTokens>[0]> = {}) =>
  new NodeTokens({ keys, node: 'a', now: () => now, ...given }).issue(to, client);

describe('a request with the header of the nodes', () => {
  it('is of the client that another node names, when that node signed it', async () => {
    expect(await sent(await issued())).toEqual([client.address, { by: 'a', ...client }, false]);
  });

  it('is of the client that another node names, also when it upgrades its connection', async () => {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    expect(await ask({ [FORWARDED_HEADER]: await issued(), ...upgrade })).toBe(client.address);
    expect(await ask({ [FORWARDED_HEADER]: 'forged', ...upgrade })).toBe('127.0.0.1');
  });

  it('is of its sender when the token is not valid here, and the header is gone', async () => {
    const foreignKey = { keys: ringOf(new Uint8Array(32).fill(8)) };
    const unknownKey = { keys: ringOf(key, 'b'.repeat(26)) };
    for (const token of [
      'forged',
      'e30.e30.e30',
      'x'.repeat(5_000),
      await issued('c'),
      await issued('b', foreignKey),
      await issued('b', unknownKey),
    ]) {
      expect(await sent(token)).toEqual(asClient);
    }
  });

  it('is of its sender when the token is older than clocks can differ', async () => {
    const token = await issued();
    now += 179_000;
    expect(await sent(token)).not.toEqual(asClient);
    now += 6_000;
    expect(await sent(token)).toEqual(asClient);
  });

  it('is of its sender when the token was signed for anything else, though by the same key', async () => {
    const said = { to: 'b', address: client.address, isHttps: true };
    const seconds = now / 1_000;
    const token = (typ: string, audience: string, livesSeconds: number, more: object = {}) =>
      new SignJWT({ ...said, ...more })
        .setProtectedHeader({ alg: 'HS256', typ, kid: FIRST_KEY_ID })
        .setIssuer('concord')
        .setAudience(audience)
        .setSubject('a')
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + livesSeconds)
        .sign(key);
    expect(await sent(await token('concord-node+jwt', 'concord-node', 60))).not.toEqual(asClient);
    for (const made of [
      token('at+jwt', 'concord-node', 60),
      token('concord-node+jwt', 'concord', 60),
      token('concord-node+jwt', 'concord-node', 3_600),
      token('concord-node+jwt', 'concord-node', 60, { address: 'localhost' }),
      token('concord-node+jwt', 'concord-node', 60, { address: 5 }),
      token('concord-node+jwt', 'concord-node', 60, { isHttps: 'yes' }),
    ]) {
      expect(await sent(await made)).toEqual(asClient);
    }
  });

  it('is of its sender while the key cannot be looked up', async () => {
    const broken = { ...keys, find: () => Promise.reject(new StoreError('down', false)) };
    const tokens = new NodeTokens({ keys: broken, node: 'b', now: () => now });
    expect(await tokens.verify(await issued())).toBe(null);
  });
});

it('one token serves the requests of a client to a node for a while', async () => {
  const tokens = new NodeTokens({ keys, node: 'a', now: () => now });
  const first = await tokens.issue('b', client);
  now += 10_000;
  expect(await tokens.issue('b', client)).toBe(first);
  expect(await tokens.issue('c', client)).not.toBe(first);
  now += 15_000;
  expect(await tokens.issue('b', client)).not.toBe(first);
});
