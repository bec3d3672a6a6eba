/** Connections to a document whose node is gone, over real sockets: they wait for the node that takes it, for a while. */
import { connect, type Socket } from 'node:net';
import { randomDocumentId } from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveLease } from '../../store/ports/cluster-store.ts';
import { Forwarder } from './forwarder.ts';
import { PatientUpgrades } from './patient-upgrades.ts';
import { elsewhere, leaseAt, MovingDocument, portOf } from './test-moving-document.ts';

const PATIENCE = { timeout: 120_000, interval: 20 };
/** Never over in these tests. */
const LONG_MS = 600_000;
const ASKED = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n';

let moving: MovingDocument;
let failures: number;
let outcomes: string[];

/** Connects to a node that asks for the document at `to` first. Collects what comes back. */
async function connected(to: LiveLease, patienceMs: number) {
  const { connections, locations } = moving;
  const upgrades = new PatientUpgrades({
    connections,
    locations,
    forwarder: new Forwarder({
      connections,
      tokens: { issue: async () => 'token' },
      metrics: { forwarded: () => {} },
    }),
    metrics: { forwarded: () => void (failures += 1) },
    patienceMs,
    againMs: LONG_MS,
  });
  const client = { address: '203.0.113.1', isHttps: false };
  const node = await moving.listening();
  node.on('upgrade', (request, socket, head) => {
    const upgrade = { request, socket, head, documentId: randomDocumentId(), client };
    void upgrades.forward(upgrade, to).then((outcome) => {
      outcomes.push(outcome);
      if (outcome === 'here') socket.end('by this node');
    });
  });
  const socket = connect(portOf(node), '127.0.0.1');
  const seen = { text: '', socket };
  socket.on('data', (piece) => (seen.text += String(piece)));
  socket.on('error', () => {});
  socket.write(ASKED);
  return seen;
}

beforeEach(() => {
  moving = new MovingDocument();
  outcomes = [];
  failures = 0;
});
afterEach(() => moving.close());

it('a connection is made to the node that takes the document, once the lease of the dead one is over', async () => {
  const gone = await moving.dead();
  const next = await moving.listening();
  next.on('upgrade', (_request, socket: Socket) => {
    socket.end(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\nby the next node',
    );
  });
  moving.known = [elsewhere(gone), elsewhere(gone), elsewhere(leaseAt('next', portOf(next)))];
  const seen = await connected(gone, LONG_MS);
  await vi.waitFor(() => expect(seen.text).toMatch(/ 101 [^]*by the next node$/), PATIENCE);
  // The dead one was tried once.
  expect(failures).toBe(1);
});

it('a connection is taken here when this node is the one that takes the document', async () => {
  const gone = await moving.dead();
  moving.known = [elsewhere(gone), { kind: 'here' }];
  const seen = await connected(gone, LONG_MS);
  await vi.waitFor(() => expect(seen.text).toBe('by this node'), PATIENCE);
  expect(outcomes).toEqual(['here']);
});

it('a connection is refused when no node takes the document for too long', async () => {
  const gone = await moving.dead();
  moving.known = [elsewhere(gone)];
  const seen = await connected(gone, 300);
  await vi.waitFor(() => expect(seen.text).toMatch(/^HTTP\/1\.1 503 /), PATIENCE);
  expect(outcomes).toEqual(['answered']);
});

it('a connection to a node that was reached for nothing is closed', async () => {
  const next = await moving.listening();
  const reached = await moving.connections.reach(leaseAt('next', portOf(next)).address);
  expect(moving.connections.open).toBe(1);
  reached?.close();
  await vi.waitFor(() => expect(moving.connections.open).toBe(0), PATIENCE);
});
