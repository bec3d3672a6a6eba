/** A program replaces the text by REST while two people type: the edits of all three survive. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import { VERSION_HEADER } from '@concord/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory, TestServer } from '../support/server.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let server: TestServer;
beforeAll(async () => {
  directory = temporaryDirectory();
  server = await TestServer.start({ dataDirectory: directory.path });
});
afterAll(async () => {
  await server.stop();
  directory.remove();
});

interface Read {
  readonly text: string;
  readonly version: string;
  readonly etag: string;
}

async function read(id: string): Promise<Read> {
  const response = await fetch(`${server.url}/d/${id}.md`);
  return {
    text: await response.text(),
    version: response.headers.get(VERSION_HEADER) ?? '',
    etag: response.headers.get('etag') ?? '',
  };
}

function replace(id: string, text: string, query = '', headers = {}): Promise<Response> {
  return fetch(`${server.url}/d/${id}.md${query}`, {
    method: 'PUT',
    headers: { 'content-type': 'text/markdown', ...headers },
    body: text,
  });
}

describe('PUT /d/<id>.md', () => {
  it('merges with concurrent typing of two people', async () => {
    const text = 'First line of Ann.\n\nA line of nobody.\n\nLast line of Ben.\n';
    const { id } = await server.createDocument({ title: 'Merge', text });
    const [ann, ben] = [0, 1].map(() => connectDocument({ url: server.url, documentId: id }));
    if (ann === undefined || ben === undefined) throw new Error('nobody is here');
    await Promise.all([ann.whenOpen(), ben.whenOpen()]);
    const start = await read(id);

    const annTypes = async (): Promise<void> => {
      for (const [index, character] of [...'Ann was here. '].entries()) {
        ann.insert(index, character);
        await sleep(5);
      }
    };
    const benTypes = async (): Promise<void> => {
      for (const character of 'Ben too.\n') {
        ben.insert([...ben.text].length, character);
        await sleep(5);
      }
    };
    // Reads, edits and writes in a loop, as a script that knows nothing of other writers.
    const programWrites = async (): Promise<void> => {
      let { text: current, version } = start;
      for (let round = 1; round <= 5; round += 1) {
        const next = current.replace('of nobody', `of nobody, ${round}`);
        const response = await replace(id, next, `?baseVersion=${version}`);
        expect(response.status).toBe(204);
        await sleep(10);
        ({ text: current, version } = await read(id));
      }
    };
    await Promise.all([annTypes(), benTypes(), programWrites()]);
    await Promise.all([ann.whenSynchronized(), ben.whenSynchronized()]);

    const merged = `Ann was here. First line of Ann.\n\nA line of nobody, 5, 4, 3, 2, 1.\n\nLast line of Ben.\nBen too.\n`;
    await expect.poll(() => server.readText(id)).toBe(merged);
    await expect.poll(() => [ann.text, ben.text]).toEqual([merged, merged]);
    await Promise.all([ann.close(), ben.close()]);
  });

  it('keeps edits committed since its base version, even 300 operations ago', async () => {
    const { id } = await server.createDocument({ text: 'alpha\nbeta\ngamma\n' });
    const ann = connectDocument({ url: server.url, documentId: id });
    await ann.whenOpen();
    const { version } = await read(id);
    for (let count = 0; count < 300; count += 1) {
      ann.insert(0, 'x');
      if (count % 10 === 9) await ann.whenSynchronized();
    }
    await ann.whenSynchronized();
    const response = await replace(id, 'alpha\nBETA\ngamma\n', `?baseVersion=${version}`);
    expect(response.status).toBe(204);
    // The stored text is a merge, not the sent body, so the response has no ETag.
    expect(response.headers.get('etag')).toBeNull();
    const merged = `${'x'.repeat(300)}alpha\nBETA\ngamma\n`;
    expect(await server.readText(id)).toBe(merged);
    await expect.poll(() => ann.text).toBe(merged);
    await ann.close();
  });

  it('is refused when If-Match names an older version, and changes nothing', async () => {
    const { id } = await server.createDocument({ text: 'one' });
    const ann = connectDocument({ url: server.url, documentId: id });
    await ann.whenOpen();
    const { etag } = await read(id);
    ann.insert(3, ' two');
    await ann.whenSynchronized();
    const condition = { 'if-match': etag };
    expect((await replace(id, 'three', '', condition)).status).toBe(412);
    expect(await server.readText(id)).toBe('one two');
    const now = await read(id);
    const allowed = await replace(id, 'three', '', { 'if-match': now.etag });
    expect(allowed.status).toBe(204);
    await expect.poll(() => ann.text).toBe('three');
    await ann.close();
  });

  it('is refused without a base once another person typed, and overwrites with If-Match: *', async () => {
    const { id } = await server.createDocument({ text: 'one' });
    const ann = connectDocument({ url: server.url, documentId: id });
    await ann.whenOpen();
    ann.insert(3, ' two');
    await ann.whenSynchronized();
    const refused = await replace(id, 'three');
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      428,
      'baseNeeded',
    ]);
    expect(await server.readText(id)).toBe('one two');
    expect((await replace(id, 'three', '', { 'if-match': '*' })).status).toBe(204);
    await expect.poll(() => ann.text).toBe('three');
    await ann.close();
  });

  it('delivers a long text to connected clients', async () => {
    const { id } = await server.createDocument({ text: 'short\n' });
    const ann = connectDocument({ url: server.url, documentId: id });
    await ann.whenOpen();
    const long = Array.from({ length: 12_000 }, (_, line) => `Line ${line} of a long text.\n`).join(
      '',
    );
    const { version } = await read(id);
    expect((await replace(id, long, `?baseVersion=${version}`)).status).toBe(204);
    await expect.poll(() => ann.text === long, { timeout: 30_000 }).toBe(true);
    expect(await server.readText(id)).toBe(long);
    await ann.close();
  });
});
