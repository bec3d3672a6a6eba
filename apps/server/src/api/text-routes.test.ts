import { VERSION_HEADER, type ComposedOperation, type DocumentResource } from '@concord/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiScene, type Headers } from './test-api.ts';

let scene: ApiScene;
let guest: Headers;
let document: DocumentResource;
beforeAll(async () => {
  scene = await ApiScene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  guest = scene.guest();
  document = await scene.create(guest, { title: 'Tale', text: 'one two three\n' });
});

const put = (text: string | Uint8Array, query = '', headers: Headers = {}) =>
  scene.ask(guest, 'PUT', `/api/v1/documents/${document.id}/text${query}`, text, headers);
const read = (headers: Headers = {}) =>
  scene.ask(guest, 'GET', `/d/tale-${document.id}.md`, undefined, headers);

describe('reading a text', () => {
  it('answers Markdown with its version', async () => {
    const answer = await read();
    expect(answer.text).toBe('one two three\n');
    expect(answer.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.headers.get(VERSION_HEADER)).toBe('1');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    expect((await read({ 'if-none-match': '"1"' })).status).toBe(304);
  });

  it('is for those who may read the document', async () => {
    for (const who of [{}, scene.guest()]) {
      for (const path of ['/text', '/snapshot']) {
        const answer = await scene.ask(who, 'GET', `/api/v1/documents/${document.id}${path}`);
        expect(answer.code).toBe('notFound');
      }
      expect((await scene.ask(who, 'GET', `/d/${document.id}.md`)).code).toBe('notFound');
    }
    expect((await scene.ask(guest, 'GET', '/d/no-document.md')).code).toBe('notFound');
  });

  it('gives a snapshot of a version that there is', async () => {
    const snapshot = (query: string, headers: Headers = {}) => {
      const path = `/api/v1/documents/${document.id}/snapshot${query}`;
      return scene.ask(guest, 'GET', path, undefined, headers);
    };
    const answer = await snapshot('?atLeast=1');
    expect(answer.text).toBe('one two three\n');
    expect(answer.headers.get(VERSION_HEADER)).toBe('1');
    expect((await snapshot('', { 'if-none-match': '"1"' })).status).toBe(304);
    expect((await snapshot('?atLeast=2')).code).toBe('versionAhead');
    expect((await snapshot('?atLeast=-1')).code).toBe('invalidQuery');
  });
});

describe('what happened between two versions', () => {
  const between = (after: number, through: number) =>
    scene.ask(
      guest,
      'GET',
      `/api/v1/documents/${document.id}/operation?after=${after}&through=${through}`,
    );

  it('is one operation', async () => {
    await put('one 2 three\n');
    await put('one 2 three\nfour\n');
    const answer = await between(1, 3);
    expect(answer.json<ComposedOperation>().op).toEqual([4, { d: 3 }, '2', 7, 'four\n']);
    expect((await between(3, 3)).json<ComposedOperation>().op).toEqual([]);
  });

  it('is only told of versions that there are, and of so many', async () => {
    expect((await between(0, 2)).code).toBe('versionAhead');
    expect((await between(0, 500_001)).code).toBe('rangeTooLong');
  });
});

describe('replacing a text', () => {
  it('writes the difference, and names the new version', async () => {
    const answer = await put('one 2 three\r\n');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(answer.headers.get(VERSION_HEADER)).toBe('2');
    expect((await read()).text).toBe('one 2 three\n');
    const log = await scene.context.store.log.read(document.id, 1, 10);
    expect(log.map(({ op }) => op)).toEqual([[4, { d: 3 }, '2']]);
    expect(log[0]?.author).toBe(await scene.userIdOf(guest));
  });

  it('merges with what was written since the version it started from', async () => {
    await put('zero one two three\n');
    const answer = await put('one two three four\n', '?baseVersion=1');
    expect(answer.status).toBe(204);
    expect((await read()).text).toBe('zero one two three four\n');
    // The text at this version is not the one that was sent: it has no tag to be relied on.
    expect(answer.headers.get('etag')).toBeNull();
    expect(answer.headers.get(VERSION_HEADER)).toBe('3');
  });

  it('writes nothing when nothing changed', async () => {
    const answer = await put('one two three\n');
    expect([answer.status, answer.headers.get('etag')]).toEqual([204, '"1"']);
    expect(await scene.context.store.log.headVersion(document.id)).toBe(1);
  });

  it('obeys If-Match', async () => {
    expect((await put('x', '', { 'if-match': '"1"' })).status).toBe(204);
    expect((await put('y', '', { 'if-match': '"1"' })).code).toBe('preconditionFailed');
    expect((await read()).text).toBe('x');
  });

  it('takes a text of many pieces', async () => {
    const text = Array.from(
      { length: 3_000 },
      (_, line) => `line ${line} 𝒳 ${'é'.repeat(20)}`,
    ).join('\n');
    const answer = await put(text);
    expect(answer.status).toBe(204);
    expect(Number(answer.headers.get(VERSION_HEADER))).toBeGreaterThan(2);
    expect((await read()).text).toBe(text);
  });

  it('keeps a text without its byte order mark', async () => {
    await put('\ufefffresh');
    expect((await read()).text).toBe('fresh');
  });

  it('refuses what is no text', async () => {
    expect((await put(new Uint8Array([0x61, 0xff]))).code).toBe('invalidText');
    const latin = { 'content-type': 'text/plain; charset=iso-8859-1' };
    expect((await put('x', '', latin)).code).toBe('unsupportedMediaType');
    expect((await put('{}', '', { 'content-type': 'application/json' })).status).toBe(415);
    const nothing = await scene.ask(guest, 'PUT', `/d/${document.id}.md`);
    expect(nothing.code).toBe('invalidBody');
    expect((await put('x'.repeat(1024 * 1024 + 1))).status).toBe(413);
    expect((await put('x', '?baseVersion=7')).code).toBe('versionAhead');
    expect((await put('x', '?baseVersion=-1')).code).toBe('invalidQuery');
    expect((await read()).text).toBe('one two three\n');
  });

  it('is for editors, and not for what lies in the trash', async () => {
    const path = `/api/v1/documents/${document.id}`;
    const other = scene.guest();
    const write = () => scene.ask(other, 'PUT', `/d/${document.id}.md`, 'x');
    expect((await write()).code).toBe('notFound');
    await scene.ask(guest, 'PATCH', path, { anyone: 'commenter' });
    expect((await write()).code).toBe('forbidden');
    await scene.ask(guest, 'PATCH', path, { anyone: 'editor' });
    expect((await write()).status).toBe(204);
    await scene.ask(guest, 'DELETE', path);
    expect((await put('y')).code).toBe('inTrash');
  });

  it('refuses a text longer than a document may be', async () => {
    const small = await ApiScene.open({
      limits: { ...scene.context.config.limits, documentCodePoints: 1_000 },
    });
    const who = small.guest();
    const { id } = await small.create(who);
    const answer = await small.ask(who, 'PUT', `/d/${id}.md`, 'x'.repeat(1_001));
    expect([answer.status, answer.code]).toEqual([413, 'documentTooLarge']);
    expect((await small.ask(who, 'PUT', `/d/${id}.md`, 'x'.repeat(1_000))).status).toBe(204);
    await small.close();
  });
});
