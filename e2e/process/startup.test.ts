/** A server that cannot start prints one sentence that names the cause, and exits with a non-zero code. */
import { connectDocument } from '@concord/client/node';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type AddressInfo } from 'node:net';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  runProgram,
  temporaryDirectory,
  TestServer,
  verify,
  type Finished,
} from '../support/server.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => (directory = temporaryDirectory()));
afterEach(() => directory.remove());

function expectOneSentence(finished: Finished, words: RegExp): void {
  expect(finished.code).not.toBe(0);
  expect(finished.code).not.toBeNull();
  expect(finished.stdout).toBe('');
  expect(finished.stderr.trim().split('\n')).toHaveLength(1);
  expect(finished.stderr).toMatch(words);
}

const start = (environment: NodeJS.ProcessEnv): Promise<Finished> =>
  runProgram([], { CONCORD_DATA: directory.path, PORT: '0', ...environment });

describe('the server exits with one sentence', () => {
  for (const port of ['http', '-1', '65536', '80.5', '0x50', '1e3']) {
    it(`when PORT is ${port}`, async () => {
      expectOneSentence(await start({ PORT: port }), /PORT must be a whole number.*but it is/);
    });
  }

  for (const [name, value] of [
    ['CONCORD_LOG_LEVEL', 'loud'],
    ['CONCORD_ORIGINS', 'docs.example.org/path'],
    ['CONCORD_OPERATIONS_PER_SECOND', '0'],
    ['CONCORD_DOCUMENT_CHARACTERS', 'many'],
  ] as const) {
    it(`when ${name} is ${value}`, async () => {
      expectOneSentence(await start({ [name]: value }), new RegExp(`^${name} must `));
    });
  }

  it('when the port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    expectOneSentence(await start({ PORT: String(port) }), /Port \d+ is in use .*PORT/);
    other.close();
  });

  it('when HOST is not an address of this machine', async () => {
    expectOneSentence(await start({ HOST: '192.0.2.1' }), /cannot listen on 192\.0\.2\.1.*HOST/);
  });

  it('when the data directory is a file', async () => {
    const file = join(directory.path, 'file');
    writeFileSync(file, '');
    expectOneSentence(await start({ CONCORD_DATA: file }), /data directory/);
  });

  it('when the data directory lies below a file', async () => {
    const file = join(directory.path, 'file');
    writeFileSync(file, '');
    expectOneSentence(await start({ CONCORD_DATA: join(file, 'data') }), /data directory/);
  });

  it.skipIf(process.getuid?.() === 0)(
    `when the data directory is not writable${process.getuid?.() === 0 ? ' (skipped: root may write everywhere)' : ''}`,
    async () => {
      const closed = join(directory.path, 'closed');
      mkdirSync(closed);
      chmodSync(closed, 0o500);
      expectOneSentence(await start({ CONCORD_DATA: closed }), /data directory/);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    `when the data directory cannot be created, not even by root${process.platform === 'linux' ? '' : ' (skipped: needs /proc)'}`,
    async () => {
      expectOneSentence(await start({ CONCORD_DATA: '/proc/concord' }), /data directory/);
    },
  );

  it('when the database file is of another program', async () => {
    writeFileSync(join(directory.path, 'concord.sqlite'), 'this is not a database, not at all');
    expectOneSentence(await start({}), /concord\.sqlite|data directory/);
  });

  it('when another server uses the data directory', async () => {
    const server = await TestServer.start({ dataDirectory: directory.path });
    expectOneSentence(await start({}), /in use/);
    expectOneSentence(await verify(directory.path), /in use/);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it('when the command is unknown: its usage', async () => {
    const finished = await runProgram(['severe'], {});
    expect(finished.code).toBe(2);
    expect(finished.stderr).toMatch(/^Usage:/);
  });
});

describe('a server that starts', () => {
  it('prints its address, is alive and ready, and exits with 0 on SIGTERM', async () => {
    const server = await TestServer.start({ dataDirectory: directory.path });
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('concord_sessions 0');
    expect(await server.stop()).toBe(0);
  });

  it('commits accepted operations on SIGTERM, and clients go on with the next server', async () => {
    const first = await TestServer.start({ dataDirectory: directory.path });
    const { id } = await first.createDocument();
    const clients = [0, 1, 2].map(() => connectDocument({ url: first.url, documentId: id }));
    await Promise.all(clients.map((client) => client.whenOpen()));
    let isTyping = true;
    let typed = 0;
    const typing = clients.map(async (client) => {
      while (isTyping) {
        client.insert(0, 'x');
        typed += 1;
        await sleep(1);
      }
    });
    await sleep(300);
    expect(await first.stop()).toBe(0);
    const verdict = await verify(directory.path);
    expect(verdict.stdout).toContain('1 documents verified, 0 faulty');
    const again = await TestServer.start({ dataDirectory: directory.path, port: first.port });
    isTyping = false;
    await Promise.all(typing);
    await Promise.all(clients.map((client) => client.whenSynchronized()));
    expect(await again.readText(id)).toBe('x'.repeat(typed));
    for (const client of clients) await client.close();
    expect(await again.stop()).toBe(0);
  });

  it('serves the stored text after kill -9', async () => {
    const server = await TestServer.start({ dataDirectory: directory.path });
    const { id } = await server.createDocument({ title: 'Kept', text: 'Kept text' });
    await server.kill();
    const again = await TestServer.start({ dataDirectory: directory.path });
    expect(await again.readText(id)).toBe('Kept text');
    expect(await again.stop()).toBe(0);
  });
});
