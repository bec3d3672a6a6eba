/** The server over a database: kill -9 loses nothing that was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mongoDatabase, mongoServer } from '../support/mongodb.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';

const CLIENTS = 3;
const KILLS = 2;
const PATIENCE = { timeout: 60_000, interval: 100 };
const FIRST_MARK = 0xf0000;

describe.skipIf(mongoServer === null)('with its documents in a database', () => {
  const database = mongoDatabase();
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => (directory = temporaryDirectory()));
  afterEach(async () => {
    directory.remove();
    await database.drop();
  });

  it('no acknowledged edit is lost or applied twice by kill -9', async () => {
    const options = { dataDirectory: directory.path, environment: { CONCORD_STORE: database.url } };
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
