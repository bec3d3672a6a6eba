/** The server exits on a signal whatever its peers do, and together with its parent process. */
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

describe('the server exits with 0 on SIGTERM while a connection', () => {
  /** Opens a connection and writes; reads the response only with `reads`. */
  async function open(server: TestServer, bytes: string, reads: boolean): Promise<Socket> {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    if (reads) socket.resume();
    if (bytes !== '') socket.write(bytes);
    return socket;
  }

  for (const [name, reads, bytes] of [
    ['sends nothing', false, ''],
    ['is idle after a response', true, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['sent half of its headers', false, 'GET /livez HTTP/1.1\r\nHost: loc'],
    [
      'sent half of its body',
      false,
      'POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
        'Content-Length: 100\r\n\r\n{"ti',
    ],
    ['upgraded and does not read', false, handshake(transport)],
    ['upgraded and never sends', true, handshake(transport)],
    ['upgrades at an unknown path', false, handshake('/elsewhere')],
    [
      'waits in a long poll',
      true,
      `GET ${transport.replace('websocket', 'polling')} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ],
    [
      'pipelines requests and reads no response',
      false,
      'GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(200),
    ],
  ] as const) {
    it(name, async () => {
      const server = await TestServer.start({ dataDirectory: directory.path });
      const socket = await open(server, bytes, reads);
      // A response shows that the server has accepted the connection before.
      await server.metric('concord_sessions');
      expect(await server.stop()).toBe(0);
      socket.destroy();
    });
  }

  it('requests files and stops reading', async () => {
    const server = await TestServer.start({ dataDirectory: directory.path });
    const page = await (await fetch(server.url)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? expect.fail(page);
    const { length } = await (await fetch(server.url + script)).text();
    // Several times the kernel's socket buffers, so that the server still has files to stream.
    const times = Math.ceil((64 * 1024 * 1024) / length);
    const request = `GET ${script} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const socket = await open(server, request.repeat(times), false);
    await vi.waitFor(() => expect(socket.bytesRead).toBeGreaterThan(0), PATIENCE);
    expect(await server.stop()).toBe(0);
    socket.destroy();
  });

  it('joined a document and does not read; acknowledged edits are stored', async () => {
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

it('the server exits with 0 on SIGTERM right after it reported ready', async () => {
  for (let time = 0; time < 3; time++) {
    const server = await TestServer.start({ dataDirectory: directory.path });
    expect(await server.stop()).toBe(0);
  }
});

describe('an uncaught fault', () => {
  for (const [name, fault] of [
    ['an exception', "throw new Error('injected')"],
    ['an unhandled rejection', "void Promise.reject(new Error('injected'))"],
  ] as const) {
    it(`(${name}) is logged, accepted operations become durable, and the exit code is 70`, async () => {
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
  /** Starts npm and waits until the server is ready. */
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
    it(`ends the server and frees its data directory when npm gets ${signal}`, async () => {
      const { npm, url } = await npmStart();
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      npm.kill(signal);
      await untilGone(url);
      // The lock is released after the port.
      let verdict = await verify(directory.path);
      while (/in use/.test(verdict.stderr)) {
        await sleep(50);
        verdict = await verify(directory.path);
      }
      expect(verdict).toMatchObject({ code: 0, stderr: '' });
    });
  }
});
