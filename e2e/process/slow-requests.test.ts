/** The server closes connections whose requests never complete. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDirectory, TestServer } from '../support/server.ts';

let server: TestServer;
const directory = temporaryDirectory();
beforeAll(async () => {
  server = await TestServer.start({ dataDirectory: directory.path });
});
afterAll(async () => {
  await server.stop();
  directory.remove();
});

function open(bytes: string): { socket: Socket; closed: Promise<void> } {
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(bytes);
  return { socket, closed };
}

it('a connection with slow headers is closed before a WebSocket that does not join', async () => {
  // Compares two timers of the server (a socket that does not join: 15 s), so that a slow machine delays both.
  const path = `/socket.io/?EIO=4&transport=websocket&doc=${'a'.repeat(26)}`;
  const slow = open('GET /livez HTTP/1.1\r\nHost: localhost\r\n');
  const idle = open(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const drip = setInterval(() => slow.socket.write('x'), 500);
  const first = await Promise.race([
    slow.closed.then(() => 'the slow headers'),
    idle.closed.then(() => 'the idle connection'),
  ]);
  clearInterval(drip);
  expect(first).toBe('the slow headers');
  idle.socket.destroy();
});
