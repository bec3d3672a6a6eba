import {
  formatHead,
  HEAD_HEADER,
  HISTORY_HEADER,
  parseHead,
  randomClientId,
  VERSION_HEADER,
  type ComposedOperation,
  type DocumentResource,
} from '@concord/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
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

/** The current entity tag of the text. */
const tag = async (): Promise<string> => (await read()).headers.get('etag') ?? '';

describe('reading a text', () => {
  it('answers Markdown with its version', async () => {
    const answer = await read();
    expect(answer.text).toBe('one two three\n');
    expect(answer.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    const etag = answer.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"1\.[a-z2-7]{26}\.\d+\.\d+"$/);
    expect(answer.headers.get(VERSION_HEADER)).toBe('1');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    expect((await read({ 'if-none-match': etag })).status).toBe(304);
  });

  it('requires the right to read the document', async () => {
    for (const who of [{}, scene.guest()]) {
      for (const path of ['/text', '/snapshot']) {
        const answer = await scene.ask(who, 'GET', `/api/v1/documents/${document.id}${path}`);
        expect(answer.code).toBe('notFound');
      }
      expect((await scene.ask(who, 'GET', `/d/${document.id}.md`)).code).toBe('notFound');
    }
    expect((await scene.ask(guest, 'GET', '/d/no-document.md')).code).toBe('notFound');
  });

  it('answers with a snapshot of an existing version', async () => {
    const snapshot = (query: string, headers: Headers = {}) => {
      const path = `/api/v1/documents/${document.id}/snapshot${query}`;
      return scene.ask(guest, 'GET', path, undefined, headers);
    };
    const answer = await snapshot('?atLeast=1');
    expect(answer.text).toBe('one two three\n');
    expect(answer.headers.get(VERSION_HEADER)).toBe('1');
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    const plain = await snapshot('', { 'accept-encoding': 'identity' });
    expect([plain.text, plain.headers.get('content-encoding')]).toEqual(['one two three\n', null]);
    expect(plain.headers.get('vary')).toBe('accept-encoding');
    const etag = answer.headers.get('etag') ?? '';
    expect((await snapshot('', { 'if-none-match': etag })).status).toBe(304);
    expect((await snapshot('?atLeast=2')).code).toBe('versionAhead');
    expect((await snapshot('?atLeast=-1')).code).toBe('invalidQuery');
  });

  it('names the operation that a snapshot ends with, and refuses one to a text of another history', async () => {
    const path = `/api/v1/documents/${document.id}/snapshot`;
    const answer = await scene.ask(guest, 'GET', path);
    const head = parseHead(answer.headers.get(HEAD_HEADER) ?? '');
    expect(head).toMatchObject({ version: 1 });
    expect(answer.headers.get(HISTORY_HEADER)).not.toBeNull();
    if (head === null) return;
    expect((await scene.ask(guest, 'GET', `${path}?head=${formatHead(head)}`)).status).toBe(200);
    for (const change of [{ at: head.at + 1 }, { seq: head.seq + 1 }, { version: 2 }]) {
      const other = formatHead({ ...head, ...change });
      const refused = await scene.ask(guest, 'GET', `${path}?head=${other}`);
      expect([refused.status, refused.code]).toEqual([409, 'otherHistory']);
    }
    expect((await scene.ask(guest, 'GET', `${path}?head=1`)).code).toBe('invalidQuery');
  });
});

describe('the difference between two versions', () => {
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

  it('is refused for versions that do not exist, and for too long a range', async () => {
    expect((await between(0, 2)).code).toBe('versionAhead');
    expect((await between(0, 500_001)).code).toBe('rangeTooLong');
  });
});

describe('replacing a text', () => {
  it('writes the difference, and names the new version', async () => {
    const answer = await put('one 2 three\r\n');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('etag')).toBe(await tag());
    expect(answer.headers.get(VERSION_HEADER)).toBe('2');
    expect((await read()).text).toBe('one 2 three\n');
    const log = await scene.context.store.log.read(document.id, 1, 10);
    expect(log.map(({ op }) => op)).toEqual([[4, { d: 3 }, '2']]);
    expect(log[0]?.author).toBe(await scene.userIdOf(guest));
  });

  it('merges with edits made since its base version', async () => {
    await put('zero one two three\n');
    const answer = await put('one two three four\n', '?baseVersion=1');
    expect(answer.status).toBe(204);
    expect((await read()).text).toBe('zero one two three four\n');
    // The merged text is not the one that was sent, so that the answer has no entity tag.
    expect(answer.headers.get('etag')).toBeNull();
    expect(answer.headers.get(VERSION_HEADER)).toBe('3');
  });

  it('writes nothing when the text is unchanged', async () => {
    const answer = await put('one two three\n');
    expect([answer.status, answer.headers.get('etag')]).toEqual([204, await tag()]);
    expect(await scene.context.store.log.headVersion(document.id)).toBe(1);
  });

  it('obeys If-Match', async () => {
    const first = await tag();
    expect((await put('x', '', { 'if-match': first })).status).toBe(204);
    expect((await put('y', '', { 'if-match': first })).code).toBe('preconditionFailed');
    expect((await read()).text).toBe('x');
  });

  it('merges with edits made since the text that If-Match names', async () => {
    const first = await tag();
    await put('zero one two three\n');
    const base = encodeURIComponent(first);
    expect((await put('one two three four\n', `?base=${base}`)).status).toBe(204);
    expect((await read()).text).toBe('zero one two three four\n');
    const bare = first.slice(1, -1);
    expect((await put('one two three\n', `?base=${bare}&baseVersion=1`)).code).toBe('invalidQuery');
    expect((await put('x', '?base=1')).code).toBe('invalidQuery');
  });

  it('refuses a text read in another history, whose versions have other texts', async () => {
    await put('zero one two three\n');
    // The tag of the same version, from before a backup was restored.
    const other = (await tag()).replace(/\.(\d+)"$/, (_, at: string) => `.${Number(at) - 1}"`);
    const merged = await put('zero one\n', `?base=${encodeURIComponent(other)}`);
    expect([merged.status, merged.code]).toEqual([409, 'otherHistory']);
    expect((await put('zero one\n', '', { 'if-match': other })).code).toBe('preconditionFailed');
    expect((await read({ 'if-none-match': other })).status).toBe(200);
    const ahead = other.replace(/^"\d+/, '"7').slice(1, -1);
    expect((await put('x', `?base=${ahead}`)).code).toBe('otherHistory');
    expect((await read()).text).toBe('zero one two three\n');
  });

  it('accepts a text whose base is the empty document', async () => {
    const created = await scene.ask(guest, 'POST', '/api/v1/documents', {});
    const { id } = created.json<{ id: string }>();
    const empty = await scene.ask(guest, 'GET', `/d/${id}.md`);
    expect(empty.headers.get('etag')).toBe('"0"');
    expect((await scene.ask(guest, 'PUT', `/d/${id}.md?base=0`, 'begun')).status).toBe(204);
    const twice = await scene.ask(guest, 'PUT', `/d/${id}.md?base=0`, 'again');
    expect(twice.status).toBe(204);
    expect((await scene.ask(guest, 'GET', `/d/${id}.md`)).text).toMatch(/begun/);
  });

  it('accepts a text that is split into many operations', async () => {
    const text = Array.from(
      { length: 3_000 },
      (_, line) => `line ${line} 𝒳 ${'é'.repeat(20)}`,
    ).join('\n');
    const answer = await put(text);
    expect(answer.status).toBe(204);
    expect(Number(answer.headers.get(VERSION_HEADER))).toBeGreaterThan(2);
    expect((await read()).text).toBe(text);
  });

  it('drops the byte order mark of a text', async () => {
    await put('\ufefffresh');
    expect((await read()).text).toBe('fresh');
  });

  it('refuses a body that is not a valid text', async () => {
    expect((await put(new Uint8Array([0x61, 0xff]))).code).toBe('invalidText');
    const latin = { 'content-type': 'text/plain; charset=iso-8859-1' };
    expect((await put('x', '', latin)).code).toBe('unsupportedMediaType');
    expect((await put('{}', '', { 'content-type': 'application/json' })).status).toBe(415);
    const nothing = await scene.ask(guest, 'PUT', `/d/${document.id}.md`);
    expect(nothing.code).toBe('invalidBody');
    expect((await put('x', '?baseVersion=7')).code).toBe('versionAhead');
    expect((await put('x', '?baseVersion=-1')).code).toBe('invalidQuery');
    expect((await read()).text).toBe('one two three\n');
  });

  it('requires an editor, and a document that is not in the trash', async () => {
    const path = `/api/v1/documents/${document.id}`;
    const other = scene.guest();
    const write = (query = '') => scene.ask(other, 'PUT', `/d/${document.id}.md${query}`, 'x');
    expect((await write()).code).toBe('notFound');
    await scene.ask(guest, 'PATCH', path, { anyone: 'commenter' });
    expect((await write()).code).toBe('forbidden');
    await scene.ask(guest, 'PATCH', path, { anyone: 'editor' });
    expect((await write('?baseVersion=1')).status).toBe(204);
    await scene.ask(guest, 'DELETE', path);
    expect((await put('y')).code).toBe('inTrash');
  });

  describe('without a precondition', () => {
    const others = ['an editor by the API', 'the same person in a browser'] as const;
    /** One more operation, by another writer or another way than the guest's by the API. */
    async function writtenBy(who: (typeof others)[number]): Promise<void> {
      const path = `/api/v1/documents/${document.id}`;
      await scene.ask(guest, 'PATCH', path, { anyone: 'editor' });
      if (who === 'an editor by the API') {
        const edited = await scene.ask(scene.guest(), 'PUT', `${path}/text?baseVersion=1`, 'x');
        expect(edited.status).toBe(204);
        return;
      }
      const running = await scene.context.documents.open(document.id);
      await running?.edit({
        userId: await scene.userIdOf(guest),
        onceAs: randomClientId(),
        baseVersion: 1,
        operations: [['x']],
      });
    }

    it('is written while all earlier edits are by the same person through the API', async () => {
      expect((await put('one')).status).toBe(204);
      expect((await put('two')).status).toBe(204);
      expect((await read()).text).toBe('two');
    });

    it.each(others)('is refused after an edit by %s, which is kept', async (who) => {
      await writtenBy(who);
      const before = await read();
      const answer = await put('mine alone');
      expect([answer.status, answer.code]).toEqual([428, 'baseNeeded']);
      expect((await read()).text).toBe(before.text);
      expect((await put('by its tag', '', { 'if-match': await tag() })).status).toBe(204);
      expect((await put('by its version', '?baseVersion=3')).status).toBe(204);
      expect((await put('whatever is there', '', { 'if-match': '*' })).status).toBe(204);
      expect((await read()).text).toBe('whatever is there');
    });

    it('is refused after a concurrent edit during the comparison', async () => {
      const running = await scene.context.documents.open(document.id);
      if (running === null) throw new Error('There is no document.');
      const textAt = running.textAt.bind(running);
      // The last read before the difference is submitted.
      const spy = vi.spyOn(running, 'textAt').mockImplementation(async (version) => {
        spy.mockRestore();
        await writtenBy('the same person in a browser');
        return textAt(version);
      });
      expect((await put('mine alone')).code).toBe('baseNeeded');
      expect((await read()).text).toBe('xone two three\n');
    });

    it('is refused with If-None-Match when the document has a text', async () => {
      const refused = await put('new', '', { 'if-none-match': '*' });
      expect([refused.status, refused.headers.get('etag')]).toEqual([412, await tag()]);
    });
  });

  it('with If-Match is refused after a concurrent edit during the comparison', async () => {
    const running = await scene.context.documents.open(document.id);
    if (running === null) throw new Error('There is no document.');
    const first = await tag();
    const textAt = running.textAt.bind(running);
    const spy = vi.spyOn(running, 'textAt').mockImplementation(async (version) => {
      spy.mockRestore();
      await put('meanwhile', '?baseVersion=1');
      return textAt(version);
    });
    expect((await put('late', '', { 'if-match': first })).code).toBe('preconditionFailed');
    expect((await read()).text).toBe('meanwhile');
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
