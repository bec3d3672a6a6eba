/** The server ends when it is told to, whatever its peers do; and with what started it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { connectDocument } from '@concord/client/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cleanEnvironment, temporaryDirectory, TestServer, verify } from '../support/server.ts';

const PATIENCE = { timeout: 60_000, interval: 20 };
const root = fileURLToPath(new URL('../..', import.meta.url));

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => (directory = temporaryDirectory()));
afterEach(() => directory.remove());

const handshake = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const transport = `/socket.io/?EIO=4&transport=websocket&doc=${'a'.repeat(26)}`;

describe('a server that is told to stop, with a connection that', () => {
  /** Opens a connection, writes, and never reads what comes back unless `reads`. */
  async function open(server: TestServer, bytes: string, reads: boolean): Promise<Socket> {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    if (reads) socket.resume();
    if (bytes !== '') socket.write(bytes);
    return socket;
  }

  for (const [name, reads, bytes] of [
    ['says nothing', false, ''],
    ['is idle after an answer', true, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['sent half of its headers', false, 'GET /livez HTTP/1.1\r\nHost: loc'],
    [
      'sent half of its body',
      false,
      'POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
        'Content-Length: 100\r\n\r\n{"ti',
    ],
    ['upgraded and does not read', false, handshake(transport)],
    ['upgraded and never answers', true, handshake(transport)],
    ['upgraded to nothing that exists', false, handshake('/elsewhere')],
    [
      'waits for a poll',
      true,
      `GET ${transport.replace('websocket', 'polling')} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ],
    [
      'asks for much that is in memory and reads nothing',
      false,
      'GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(200),
    ],
  ] as const) {
    it(`${name}: stops, and exits with 0`, async () => {
      const server = await TestServer.start({ dataDirectory: directory.path });
      const socket = await open(server, bytes, reads);
      // Until the server has seen it, there is nothing to end.
      await server.metric('concord_sessions');
      expect(await server.stop()).toBe(0);
      socket.destroy();
    });
  }

  it('asks for files and stops reading: stops, and exits with 0', async () => {
    const server = await TestServer.start({ dataDirectory: directory.path });
    const page = await (await fetch(server.url)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? expect.fail(page);
    const { length } = await (await fetch(server.url + script)).text();
    // Several times what the kernel keeps for a reader: the rest of a file is read as there is room for it.
    const times = Math.ceil((64 * 1024 * 1024) / length);
    const request = `GET ${script} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const socket = await open(server, request.repeat(times), false);
    await vi.waitFor(() => expect(socket.bytesRead).toBeGreaterThan(0), PATIENCE);
    expect(await server.stop()).toBe(0);
    socket.destroy();
  });

  it('joined a document and does not read: stops, and what was acknowledged is there', async () => {
    const server = await TestServer.start({ dataDirectory: directory.path });
    const { id } = await server.createDocument();
    const writer = connectDocument({ url: server.url, documentId: id });
    await writer.whenOpen();
    const deaf = await open(server, handshake(transport.replace('a'.repeat(26), id)), false);
    writer.insert(0, 'acknowledged');
    await writer.whenSynchronized();
    expect(await server.stop()).toBe(0);
    deaf.destroy();
    await writer.close();
    const verdict = await verify(directory.path);
    expect(verdict.stdout).toContain('12 characters');
  });
});

it('a server that is told to stop as soon as it says that it is ready exits with 0', async () => {
  for (let time = 0; time < 3; time++) {
    const server = await TestServer.start({ dataDirectory: directory.path });
    expect(await server.stop()).toBe(0);
  }
});

describe('a fault that nothing contained', () => {
  for (const [name, fault] of [
    ['an exception', "throw new Error('injected')"],
    ['a rejected promise that was not handled', "void Promise.reject(new Error('injected'))"],
  ] as const) {
    it(`${name}: is logged, what was taken in becomes durable, and the exit code tells`, async () => {
      const hook = join(directory.path, 'fault.mjs');
      writeFileSync(hook, `process.on('SIGUSR2', () => { setTimeout(() => { ${fault} }, 0) });`);
      const data = join(directory.path, 'data');
      const server = await TestServer.start({
        dataDirectory: data,
        environment: { NODE_OPTIONS: `--import ${pathToFileURL(hook).href}` },
      });
      const { id } = await server.createDocument();
      const writer = connectDocument({ url: server.url, documentId: id });
      await writer.whenOpen();
      writer.insert(0, 'acknowledged');
      await writer.whenSynchronized();
      server.signal('SIGUSR2');
      expect(await server.ended).toBe(70);
      expect(server.stderr).toContain('a fault that nothing contained');
      expect(server.stderr).toContain('injected');
      await writer.close();
      expect((await verify(data)).stdout).toContain('12 characters');
    });
  }
});

describe('npm start', () => {
  /** Its output so far, and its process, which is npm's. */
  async function npmStart(): Promise<{ npm: ChildProcess; url: string }> {
    const npm = spawn('npm', ['start', '--', '--no-build'], {
      cwd: root,
      env: cleanEnvironment({ CONCORD_DATA: directory.path, PORT: '0' }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    npm.stdout.on('data', (data) => (output += String(data)));
    npm.stderr.on('data', (data) => (output += String(data)));
    const url = await new Promise<string>((resolve, reject) => {
      npm.stdout.on('data', () => {
        const ready = /Concord is ready: (\S+)/.exec(output)?.[1];
        if (ready !== undefined) resolve(ready.replace('localhost', '127.0.0.1'));
      });
      npm.on('exit', (code) => reject(new Error(`npm ended with ${code}: ${output}`)));
    });
    return { npm, url };
  }

  async function untilGone(url: string): Promise<void> {
    while (
      await fetch(`${url}/livez`).then(
        () => true,
        () => false,
      )
    )
      await sleep(20);
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
    it(`ends the server when npm gets ${signal}, and the data directory is free again`, async () => {
      const { npm, url } = await npmStart();
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      npm.kill(signal);
      await untilGone(url);
      // The lock is let go of at the very end.
      let verdict = await verify(directory.path);
      while (/in use/.test(verdict.stderr)) {
        await sleep(50);
        verdict = await verify(directory.path);
      }
      expect(verdict).toMatchObject({ code: 0, stderr: '' });
    });
  }
});
