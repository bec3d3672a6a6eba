/** Reads of a document whose node is gone, over real connections: they wait for the node that takes it, for a while. */
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { randomDocumentId } from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveLease } from '../../store/ports/cluster-store.ts';
import { Forwarder } from './forwarder.ts';
import { isRead, PatientReads } from './patient-reads.ts';
import { elsewhere, leaseAt, MovingDocument, portOf } from './test-moving-document.ts';

const PATIENCE = { timeout: 120_000, interval: 20 };
/** Never over in these tests. */
const LONG_MS = 600_000;

let moving: MovingDocument;
let node: Server;
let counted: string[];

async function start(to: LiveLease, bounds: { patienceMs: number; againMs?: number }) {
  const { connections, locations } = moving;
  const forwarder = new Forwarder({
    connections,
    tokens: { issue: async () => 'token' },
    metrics: { forwarded: (_kind, result) => void counted.push(result) },
    perAddress: 1,
  });
  const reads = new PatientReads({ forwarder, locations, ...bounds });
  const client = { address: '203.0.113.1', isHttps: false };
  node = await moving.listening((request, response) => {
    response.setHeader('x-of-this-node', 'kept');
    const read = { request, response, documentId: randomDocumentId(), client };
    void reads.forward(read, to).then((outcome) => {
      if (outcome === 'here') response.end('by this node');
    });
  });
}

function ask(signal?: AbortSignal): Promise<{ status: number; text: string; after: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: portOf(node),
      agent: false,
      ...(signal && { signal }),
    };
    const request = httpRequest(options, (response) => {
      let text = '';
      response.on('data', (piece) => (text += String(piece)));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: text.startsWith('{') ? String((JSON.parse(text) as { code: string }).code) : text,
          after: String(response.headers['retry-after']),
        }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}

beforeEach(() => {
  moving = new MovingDocument();
  counted = [];
});
afterEach(() => moving.close());

it('a read is answered by the node that takes the document, once the lease of the dead one is over', async () => {
  const gone = await moving.dead();
  const next = await moving.listening((_request, response) => response.end('by the next node'));
  moving.known = [...Array.from({ length: 3 }, () => elsewhere(gone)), elsewhere(leaseAt('next', portOf(next)))]; // prettier-ignore
  await start(gone, { patienceMs: LONG_MS });
  expect(await ask()).toMatchObject({ status: 200, text: 'by the next node' });
  // The dead one was asked once.
  expect(counted.filter((each) => each === 'sent')).toHaveLength(2);
});

it('a read is answered here when this node is the one that takes the document', async () => {
  const gone = await moving.dead();
  moving.known = [elsewhere(gone), { kind: 'here' }];
  await start(gone, { patienceMs: LONG_MS });
  expect(await ask()).toMatchObject({ status: 200, text: 'by this node' });
});

it('a read is sent again to a node that broke the connection and lives', async () => {
  let asked = 0;
  const slow = await moving.listening((request, response) => {
    asked += 1;
    if (asked < 3) request.socket.destroy();
    else response.end('at last');
  });
  const lease = leaseAt('slow', portOf(slow));
  moving.known = [elsewhere(lease)];
  await start(lease, { patienceMs: LONG_MS, againMs: 1 });
  expect(await ask()).toMatchObject({ status: 200, text: 'at last' });
});

it('a read that nobody takes is refused after a while, and may be asked again', async () => {
  const gone = await moving.dead();
  moving.known = [elsewhere(gone)];
  await start(gone, { patienceMs: 300 });
  expect(await ask()).toEqual({ status: 503, text: 'documentMoving', after: '1' });
  expect(moving.located).toBeGreaterThan(0);
});

it('a read whose client left is given up, and makes room for another', async () => {
  const gone = await moving.dead();
  moving.known = [elsewhere(gone)];
  await start(gone, { patienceMs: LONG_MS });
  const leaving = new AbortController();
  const left = ask(leaving.signal).catch(() => 'left');
  await vi.waitFor(() => expect(moving.located).toBeGreaterThan(0), PATIENCE);
  // As many as may be under way for one address wait already.
  expect(await ask()).toMatchObject({ status: 503, text: 'busy' });
  leaving.abort();
  expect(await left).toBe('left');
  moving.known = [{ kind: 'here' }];
  await expect.poll(async () => (await ask()).text, PATIENCE).toBe('by this node');
});

it('only requests that change nothing and have no body are sent again', () => {
  const of = (method: string, headers = {}) => isRead({ method, headers } as IncomingMessage);
  expect([of('GET'), of('HEAD'), of('GET', { 'content-length': '0' })]).toEqual([true, true, true]);
  for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) expect(of(method)).toBe(false);
  expect(of('GET', { 'content-length': '1' })).toBe(false);
  expect(of('GET', { 'transfer-encoding': 'chunked' })).toBe(false);
});
