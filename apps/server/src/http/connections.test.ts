/** A stopping server waits for answers that are in progress and being read, and for nothing else. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { Connections } from './connections.ts';

const PATIENCE = { timeout: 60_000, interval: 20 };
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** More than the kernel buffers for a peer that does not read. */
const MUCH = Buffer.alloc(64 * 1024 * 1024);

let server: Server;
let connections: Connections;
let peers: Socket[] = [];

async function serve(listener: RequestListener): Promise<void> {
  server = createServer(listener);
  connections = new Connections(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/** A peer that sends these bytes, and reads only when told to. */
async function peerSending(bytes: string): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  peers.push(peer);
  peer.on('error', () => undefined);
  await new Promise<void>((resolve) => peer.once('connect', resolve));
  if (bytes !== '') peer.write(bytes);
  return peer;
}

/** Stops the server: it accepts no connections, then ends the open ones. */
function stop(): { isOver: boolean } {
  const state = { isOver: false };
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  void Promise.all([connections.end(), closed]).then(() => (state.isOver = true));
  return state;
}

const untilStopped = (state: { isOver: boolean }): Promise<void> =>
  vi.waitFor(() => expect(state.isOver).toBe(true), PATIENCE);

afterEach(() => {
  for (const peer of peers) peer.destroy();
  peers = [];
  server.closeAllConnections();
});

it.each([
  ['says nothing', ''],
  ['sent half of its headers', 'GET / HTTP/1.1\r\nHost: loc'],
  ['sent half of its body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf'],
])('a connection that %s holds up nothing', async (_what, bytes) => {
  await serve((request) => request.resume());
  let arrived = (): number => -1;
  server.on('connection', (socket) => (arrived = () => socket.bytesRead));
  await peerSending(bytes);
  await vi.waitFor(() => expect(arrived()).toBe(bytes.length), PATIENCE);
  await untilStopped(stop());
  expect(connections.count).toBe(0);
});

it('a peer that stops reading in the middle of an answer does not block the stop', async () => {
  let isBlocked = false;
  await serve((_request, response) => {
    // The rest is written on drain, as files are sent: the answer is not finished.
    isBlocked = !response.write(MUCH);
    response.once('drain', () => response.end());
  });
  const peer = await peerSending(REQUEST);
  await vi.waitFor(() => expect(peer.bytesRead).toBeGreaterThan(0), PATIENCE);
  expect(isBlocked).toBe(true);
  await untilStopped(stop());
  expect(connections.count).toBe(0);
});

it('a request that is never answered does not block the stop', async () => {
  let asked = 0;
  await serve(() => (asked += 1));
  await peerSending(REQUEST);
  await vi.waitFor(() => expect(asked).toBe(1), PATIENCE);
  await untilStopped(stop());
});

it('an answer in progress while the server stops is delivered completely', async () => {
  let answer: (() => void) | null = null;
  await serve((_request, response) => {
    answer = () => response.end('the answer');
  });
  const peer = await peerSending(REQUEST);
  let read = '';
  peer.on('data', (data) => (read += String(data)));
  const asked = await vi.waitUntil(() => answer, PATIENCE);
  const state = stop();
  asked();
  await untilStopped(state);
  await vi.waitFor(() => expect(read).toContain('the answer'), PATIENCE);
});
