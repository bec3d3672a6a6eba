import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { watchDescriptors } from './descriptors.ts';

function sceneOf(limit: number) {
  const server = createServer((_request, response) => response.end('ok'));
  const logged: object[] = [];
  let refused = 0;
  watchDescriptors(server, {
    log: { error: (about: object) => void logged.push(about) } as never,
    refused: () => (refused += 1),
    limit,
  });
  return { server, logged, refused: () => refused };
}

it('refuses connections before file descriptors run out, and logs it once', async () => {
  const { server, logged, refused } = sceneOf(133);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  let closed = 0;
  for (let each = 0; each < 8; each++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => (closed += 1));
    sockets.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
  }
  while (closed < 5) await new Promise((resolve) => setImmediate(resolve));
  expect(refused()).toBe(5);
  expect(logged).toEqual([expect.objectContaining({ limit: 133 })]);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

it('survives file descriptors running out in the system, and logs it', () => {
  const { server, logged, refused } = sceneOf(1_000);
  server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  server.emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' }));
  expect(refused()).toBe(2);
  expect(logged).toHaveLength(1);
});
