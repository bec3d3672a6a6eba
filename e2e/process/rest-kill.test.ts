/**
 * REST writes while the server is killed with -9: a retry with the same idempotency key takes effect once, and a
 * document is created together with its text or not at all.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import { randomDocumentId, randomId, type DocumentList } from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom, temporaryDirectory, TestServer } from '../support/server.ts';

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

/** Restarts on the same port, so that clients reconnect. */
async function startAgain(): Promise<void> {
  server = await TestServer.start({ dataDirectory: directory.path, port: server.port });
}

const guestToken = randomId();

function send(
  method: string,
  path: string,
  body: string | object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const isText = typeof body === 'string';
  return fetch(server.url + path, {
    method,
    headers: {
      guestToken,
      'content-type': isText ? 'text/markdown' : 'application/json',
      ...headers,
    },
    body: isText ? body : JSON.stringify(body),
  });
}

describe('a write retried with its idempotency key after kill -9', () => {
  /** The kill follows the broadcast, while the response is in flight: the client cannot know the outcome. */
  it('replaces the text once', async () => {
    const { id } = await server.createDocument({ text: 'First.\n' });
    const ann = connectDocument({ url: server.url, documentId: id });
    await ann.whenOpen();
    for (let round = 1; round <= 8; round += 1) {
      const read = await fetch(`${server.url}/d/${id}.md`);
      const paragraph = `Paragraph ${round}.\n`;
      const text = (await read.text()) + paragraph;
      const headers = {
        'idempotency-key': `round-${round}`,
        'if-match': read.headers.get('etag') ?? '',
      };
      const again = (): Promise<Response> => send('PUT', `/d/${id}.md`, text, headers);
      const lost = again().catch(() => null);
      while (!ann.text.includes(paragraph)) await sleep(1);
      await server.kill();
      await lost;
      await startAgain();
      ann.networkBack();
      const answer = await again();
      expect(answer.status, await answer.text()).toBe(204);
      expect(answer.headers.get('etag')).toMatch(new RegExp(`^"${round + 1}[.]`));
      expect(await server.readText(id)).toBe(text);
      // The key with another body is refused.
      const other = await send('PUT', `/d/${id}.md`, 'another', headers);
      expect(other.status).toBe(422);
    }
    await expect.poll(() => ann.text).toBe(await server.readText(id));
    await ann.close();
  });

  it('creates one document and one share link', async () => {
    const random = seededRandom(Number(process.env['CONCORD_SEED'] ?? 1));
    const { id } = (await (await send('POST', '/api/v1/documents', {})).json()) as { id: string };
    const rounds = 6;
    for (let round = 1; round <= rounds; round += 1) {
      const make = () =>
        Promise.all([
          send(
            'POST',
            '/api/v1/documents',
            { title: `Made ${round}`, text: 'text' },
            {
              'idempotency-key': `document-${round}`,
            },
          ),
          send(
            'POST',
            `/api/v1/documents/${id}/links`,
            { role: 'viewer', label: `${round}` },
            {
              'idempotency-key': `link-${round}`,
            },
          ),
        ]);
      const lost = make().catch(() => null);
      await sleep(random(30));
      await server.kill();
      await lost;
      await startAgain();
      for (const answer of await make()) expect(answer.status, await answer.text()).toBe(201);
    }
    const read = async <T>(path: string): Promise<T> =>
      (
        await fetch(`${server.url}/api/v1${path}`, { headers: { guestToken } })
      ).json() as Promise<T>;
    const list = await read<DocumentList>('/documents?limit=100');
    expect(list.documents.filter(({ title }) => title.startsWith('Made'))).toHaveLength(rounds);
    const links = await read<{ shareLinks: unknown[] }>(`/documents/${id}/links`);
    expect(links.shareLinks).toHaveLength(rounds);
  });
});

it('a document created during kill -9 has all of its text or does not exist', async () => {
  const random = seededRandom(Number(process.env['CONCORD_SEED'] ?? 2));
  // Long enough for several log records.
  const text = Array.from({ length: 20_000 }, (_, line) => `Line ${line}.\n`).join('');
  for (let round = 0; round < 6; round += 1) {
    const path = `/api/v1/documents/${randomDocumentId()}`;
    const lost = send('PUT', path, { title: 'Long', text }).catch(() => null);
    await sleep(random(40));
    await server.kill();
    await lost;
    await startAgain();
    const found = await fetch(`${server.url}${path}/text`, { headers: { guestToken } });
    expect([404, 200]).toContain(found.status);
    if (found.status === 200) expect((await found.text()).length).toBe(text.length);
    const again = await send('PUT', path, { title: 'Long', text });
    expect(again.status).toBe(found.status === 200 ? 200 : 201);
    const read = await fetch(`${server.url}${path}/text`, { headers: { guestToken } });
    expect((await read.text()) === text).toBe(true);
  }
});
