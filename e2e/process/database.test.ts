/** The server over a database: what it says when it cannot start, and that kill -9 loses nothing that was acknowledged. */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runProgram, temporaryDirectory, TestServer } from '../support/server.ts';

interface Client {
  db(name: string): { dropDatabase(): Promise<unknown> };
  close(): Promise<void>;
}
const requireOfServer = createRequire(new URL('../../apps/server/package.json', import.meta.url));
const { MongoClient } = requireOfServer('mongodb') as { MongoClient: new (url: string) => Client };

const serverUrl = process.env['CONCORD_TEST_MONGODB_URL'] ?? null;
const PASSWORD = 's3cret-of-ann';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => (directory = temporaryDirectory()));
afterEach(() => directory.remove());

/** On which no server listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

describe('with a database that cannot be opened', () => {
  it.each([[[]], [['nodes']], [['drain', 'a']], [['rotate-keys']]])(
    'concord %j says one sentence with the host, and nothing of the password, with the fullest log',
    async (args) => {
      const host = `127.0.0.1:${await closedPort()}`;
      const { code, stdout, stderr } = await runProgram(args, {
        CONCORD_DATA: directory.path,
        CONCORD_STORE: `mongodb://ann:${PASSWORD}@${host}/concord`,
        CONCORD_LOG_LEVEL: 'trace',
        PORT: '0',
      });
      expect(code).toBe(1);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toContain(`No database server answers at ${host}`);
      expect(stdout + stderr).not.toContain(PASSWORD);
    },
  );

  it('an address that is not valid is not repeated', async () => {
    const { code, stdout, stderr } = await runProgram([], {
      CONCORD_DATA: directory.path,
      CONCORD_STORE: `mongodb://ann:${PASSWORD}@host:not-a-port/concord`,
      CONCORD_LOG_LEVEL: 'trace',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/The address of the database is not valid/);
    expect(stdout + stderr).not.toContain(PASSWORD);
  });
});

const CLIENTS = 3;
const KILLS = 4;
const PATIENCE = { timeout: 60_000, interval: 100 };
const FIRST_MARK = 0xf0000;

describe.skipIf(serverUrl === null)('with its documents in a database', () => {
  const name = `concord-test-${randomUUID().slice(0, 8)}-kill`;
  afterEach(async () => {
    const client = new MongoClient(serverUrl ?? '');
    await client.db(name).dropDatabase();
    await client.close();
  });

  it('no acknowledged edit is lost or applied twice by kill -9', async () => {
    const store = (serverUrl ?? '').replace(/^(mongodb:\/\/[^/?]+)\/?[^?]*/, `$1/${name}`);
    const options = { dataDirectory: directory.path, environment: { CONCORD_STORE: store } };
    let server = await TestServer.start(options);
    const { url, port } = server;
    const { id } = await server.createDocument();
    let nextMark = FIRST_MARK;
    const acknowledged = new Set<string>();
    let isWriting = true;
    const clients = Array.from({ length: CLIENTS }, () => connectDocument({ url, documentId: id }));
    const writing = clients.map(async (client) => {
      await client.whenOpen();
      while (isWriting) {
        const mark = String.fromCodePoint(nextMark++);
        client.insert(0, mark);
        await client.whenSynchronized();
        acknowledged.add(mark);
      }
    });
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = acknowledged.size + 5 * kill;
      while (acknowledged.size < enough) await sleep(5);
      await server.kill();
      const before = [...acknowledged];
      server = await TestServer.start({ ...options, port });
      for (const client of clients) client.networkBack();
      // It gets the document when the lease of the process that was killed has ended.
      const text = [...(await vi.waitFor(() => server.readText(id), PATIENCE))];
      expect(before.filter((mark) => !text.includes(mark))).toEqual([]);
      expect(new Set(text).size).toBe(text.length);
    }
    isWriting = false;
    await Promise.all(writing);
    const text = await server.readText(id);
    for (const client of clients) expect(client.text).toBe(text);
    expect([...acknowledged].filter((mark) => !text.includes(mark))).toEqual([]);
    for (const client of clients) void client.close();
    expect(await server.stop()).toBe(0);
  });
});
