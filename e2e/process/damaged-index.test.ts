/** The search index is derived from the texts: a damaged index is rebuilt while the server runs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomId, type DocumentList } from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { temporaryDirectory, TestServer } from '../support/server.ts';

const PATIENCE = { timeout: 120_000, interval: 100 };
const guestToken = randomId();
/** As a whole it is stored in the indexed text pieces only: `search_words` has single words. */
const text = 'The heron waits beside the quiet water. ';

let directory: ReturnType<typeof temporaryDirectory>;
let server: TestServer;
beforeEach(async () => {
  directory = temporaryDirectory();
  server = await TestServer.start({ dataDirectory: directory.path });
});
afterEach(async () => {
  await server.stop();
  directory.remove();
});

async function search(words: string): Promise<{ status: number; titles: readonly string[] }> {
  const url = `${server.url}/api/v1/documents?q=${encodeURIComponent(words)}`;
  const response = await fetch(url, { headers: { guestToken } });
  const body = (await response.json()) as Partial<DocumentList>;
  return { status: response.status, titles: (body.documents ?? []).map(({ title }) => title) };
}

const untilFound = (): Promise<void> =>
  vi.waitFor(
    async () => expect(await search('heron')).toEqual({ status: 200, titles: ['Birds'] }),
    PATIENCE,
  );

/** Changes the index file; the server must be stopped. */
function damage(change: (file: Buffer) => void): void {
  const path = join(directory.path, 'search.sqlite');
  const file = readFileSync(path);
  change(file);
  writeFileSync(path, file);
}

it.each<[string, (file: Buffer) => void]>([
  [
    'has a flipped bit in a text',
    (file) => {
      const at = file.indexOf(text);
      expect(at).toBeGreaterThan(0);
      file.writeUInt8(file.readUInt8(at + 5) ^ 1, at + 5);
    },
  ],
  ['has zeroed pages', (file) => file.fill(0, 4096)],
  ['is not a database', (file) => file.fill('no database ')],
])('a search index that %s is rebuilt while the server runs', async (_what, change) => {
  const made = await fetch(`${server.url}/api/v1/documents`, {
    method: 'POST',
    headers: { guestToken, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Birds', text: text.repeat(40) }),
  });
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: string };
  await untilFound();
  expect(await server.stop()).toBe(0);
  damage(change);

  server = await TestServer.start({ dataDirectory: directory.path });
  await untilFound();
  const read = await fetch(`${server.url}/d/${id}.md`, { headers: { guestToken } });
  expect(await read.text()).toBe(text.repeat(40));
  expect(await server.stop()).toBe(0);
  // The rebuilt index passes the check at the next start.
  server = await TestServer.start({ dataDirectory: directory.path });
  expect(await search('heron')).toEqual({ status: 200, titles: ['Birds'] });
});
