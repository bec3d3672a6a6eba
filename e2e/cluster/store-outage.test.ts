/** The built server while its database does not answer: nothing piles up, nothing is lost, and no restart is needed. */
import { join } from 'node:path';
import { connectDocument } from '@concord/client/node';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { temporaryDirectory, TestServer } from '../support/server.ts';
import { TestDatabase } from './database.ts';

const PATIENCE = { timeout: 180_000, interval: 200 };
const CROWD = 200;

let directory: ReturnType<typeof temporaryDirectory>;
let database: TestDatabase;
let server: TestServer;
beforeEach(async () => {
  directory = temporaryDirectory();
  database = await TestDatabase.start(join(directory.path, 'database'));
  server = await TestServer.start({
    dataDirectory: join(directory.path, 'data'),
    environment: { CONCORD_STORE: database.url() },
  });
});
afterEach(async () => {
  await server.stop();
  await database.stop();
  directory.remove();
});

const metrics = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
const create = (): Promise<Response> =>
  fetch(`${server.url}/api/v1/documents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
const breakerIs = (state: string): Promise<void> =>
  vi.waitFor(
    async () => expect(await metrics()).toContain(`concord_store_breaker{state="${state}"} 1`),
    PATIENCE,
  );

it.each([
  ['suspended and resumed', async () => database.resume()],
  [
    'suspended, killed and started again',
    async () => {
      await database.kill();
      await database.restart();
    },
  ],
])(
  'while the database is %s: saving is paused, requests and joins are refused, and all goes on by itself',
  async (_how, repair) => {
    const { id } = await server.createDocument({ text: 'first\n' });
    const { id: other } = await server.createDocument({ text: 'other\n' });
    const writer = connectDocument({ url: server.url, documentId: id });
    await writer.whenOpen();
    writer.insert(0, 'before\n');
    await writer.whenSynchronized();

    database.suspend();
    writer.insert(0, 'meanwhile\n');
    await breakerIs('open');

    // Some are probes, which wait until their deadline.
    const crowd = await Promise.all(Array.from({ length: CROWD }, create));
    expect(new Set(crowd.map(({ status }) => status))).toEqual(new Set([503]));
    const atOnce = crowd.filter(({ headers }) => Number(headers.get('retry-after')) >= 1);
    expect(atOnce).toHaveLength(CROWD);
    expect(await crowd.at(-1)?.json()).toMatchObject({ code: 'storeUnavailable' });
    const reader = connectDocument({ url: server.url, documentId: other });
    await vi.waitFor(
      async () =>
        expect(await metrics()).toMatch(
          /concord_sessions_refused_total\{code="storeUnavailable"\} [1-9]/,
        ),
      PATIENCE,
    );
    await vi.waitFor(() => expect(writer.view.status.kind).toBe('savingPaused'), PATIENCE);
    writer.insert(0, 'later\n');
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    expect(await server.metric('concord_store_calls_waiting')).toBeLessThanOrEqual(CROWD);

    await repair();
    await writer.whenSynchronized();
    await reader.whenOpen();
    await vi.waitFor(async () => expect((await create()).status).toBe(201), PATIENCE);
    await breakerIs('closed');
    expect(await server.readText(id)).toBe('later\nmeanwhile\nbefore\nfirst\n');
    expect(reader.text).toBe('other\n');
    expect(writer.view.status.kind).toBe('saved');
    await Promise.all([writer.close(), reader.close()]);
  },
);
