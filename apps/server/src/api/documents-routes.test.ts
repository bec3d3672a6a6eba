import type { DocumentList, DocumentResource, FolderList } from '@concord/protocol';
import { randomDocumentId, SEARCH_WORDS } from '@concord/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf } from '../store/test-batches.ts';
import { ApiScene } from './test-api.ts';

let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.open();
});
afterAll(() => scene.close());

const path = ({ id }: { id: string }, rest = ''): string => `/api/v1/documents/${id}${rest}`;

describe('creating a document', () => {
  it('answers with its address, and only its creator may read it', async () => {
    const guest = scene.guest();
    const body = { title: 'Plan', text: 'one\r\ntwo' };
    const answer = await scene.ask(guest, 'POST', '/api/v1/documents', body);
    const document = answer.json<DocumentResource>();
    expect(answer.headers.get('location')).toBe(path(document));
    expect(document).toMatchObject({ title: 'Plan', role: 'owner', anyone: 'off', version: 1 });
    expect((await scene.ask(guest, 'GET', document.links['text'] ?? '')).text).toBe('one\ntwo');
    expect((await scene.ask(scene.guest(), 'GET', path(document))).code).toBe('notFound');
    expect((await scene.ask({}, 'GET', path(document))).code).toBe('notFound');
  });

  it('gives a new browser a guest identity', async () => {
    const answer = await scene.ask({}, 'POST', '/api/v1/documents', {});
    const cookie = /^concord_guest=[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0] ?? '';
    const document = answer.json<DocumentResource>();
    expect((await scene.ask({ cookie }, 'GET', path(document))).status).toBe(200);
  });

  it('is refused for a page whose browser sends no cookie, with a cookie for the retry', async () => {
    const page = { origin: scene.url };
    const shared = await scene.create(scene.guest(), { anyone: 'editor' });
    const id = randomDocumentId();
    const writes = [
      ['POST', '/api/v1/documents', {}],
      ['PUT', path({ id }), {}],
      ['PATCH', path(shared), { starred: true }],
      ['PATCH', '/api/v1/me', { name: 'Ann' }],
      ['PUT', path(shared, '/text?baseVersion=0'), 'text'],
      ['POST', '/api/v1/links/open', { token: 'a'.repeat(26) }],
    ] as const;
    for (const [method, where, body] of writes) {
      const answer = await scene.ask(page, method, where, body);
      expect([answer.status, answer.code], `${method} ${where}`).toEqual([401, 'cookieNeeded']);
      expect(answer.headers.get('set-cookie')).toMatch(/^concord_guest=/);
    }
    expect(await scene.context.store.documents.get(id)).toBeNull();
    const refused = await scene.ask(page, 'PUT', path({ id }), {});
    const cookie = /^concord_guest=[^;]+/.exec(refused.headers.get('set-cookie') ?? '')?.[0] ?? '';
    expect((await scene.ask({ ...page, cookie }, 'PUT', path({ id }), {})).status).toBe(201);
  });

  it('is atomic: no document is left when its text cannot be written', async () => {
    const guest = scene.guest();
    const id = randomDocumentId();
    const { store } = scene.context;
    // The log already has version 1, so that the text is refused.
    await store.log.append(batchOf(id, 1));
    const answer = await scene.ask(guest, 'PUT', path({ id }), { title: 'Plan', text: 'text' });
    expect(answer.status).toBe(500);
    expect(await store.documents.get(id)).toBeNull();
    expect((await scene.ask(guest, 'GET', path({ id }))).code).toBe('notFound');
  });

  it('accepts an id chosen by a client while offline, idempotently', async () => {
    const guest = scene.guest();
    const id = randomDocumentId();
    const put = (who: Record<string, string>, title: string) =>
      scene.ask(who, 'PUT', path({ id }), { title });
    const created = await put({ ...guest }, 'Begun on a train');
    expect([created.status, created.headers.get('location')]).toEqual([201, path({ id })]);
    const again = await put({ ...guest }, 'Another');
    expect(again.status).toBe(200);
    expect(again.json<DocumentResource>()).toMatchObject({ id, title: 'Begun on a train' });
    expect((await put({ ...scene.guest() }, 'Mine')).code).toBe('notFound');
    expect((await scene.ask(guest, 'PUT', path({ id: 'short' }), {})).status).toBe(404);
  });

  it('is refused for guests where only accounts may create documents', async () => {
    const closed = await ApiScene.open({ guestsMayCreate: false });
    const create = (who: Record<string, string>) =>
      closed.ask(who, 'POST', '/api/v1/documents', {});
    expect((await create({ ...closed.guest() })).code).toBe('accountNeeded');
    expect((await create({})).code).toBe('accountNeeded');
    const { authorization } = await closed.account('ann');
    expect((await create({ authorization: authorization ?? '' })).status).toBe(201);
    await closed.close();
  });
});

describe('a document', () => {
  it('is answered with 304 until one of its fields changes', async () => {
    const guest = scene.guest();
    const document = await scene.create(guest, { title: 'A' });
    const etag = (await scene.ask(guest, 'GET', path(document))).headers.get('etag') ?? '';
    const again = () =>
      scene.ask(guest, 'GET', path(document), undefined, { 'if-none-match': etag });
    expect(await again()).toMatchObject({ status: 304, text: '' });
    await scene.ask(guest, 'PATCH', path(document), { starred: true });
    expect((await again()).status).toBe(200);
  });

  it('is changed only if its state is the one named by If-Match', async () => {
    const guest = scene.guest();
    const document = await scene.create(guest, { title: 'A' });
    const etag = (await scene.ask(guest, 'GET', path(document))).headers.get('etag') ?? '';
    const rename = (title: string) =>
      scene.ask(guest, 'PATCH', path(document), { title }, { 'if-match': etag });
    expect((await rename('B')).status).toBe(200);
    expect((await rename('C')).code).toBe('preconditionFailed');
    const now = (await scene.ask(guest, 'GET', path(document))).json<DocumentResource>();
    expect(now.title).toBe('B');
  });

  it('merges concurrent renames, and applies a repeated one once', async () => {
    const guest = scene.guest();
    const document = await scene.create(guest, { title: 'Plan' });
    const rename = async (body: object) =>
      (await scene.ask(guest, 'PATCH', path(document), body)).json<DocumentResource>();
    const mine = { title: 'Plan of mine', base: 'Plan', renameId: 'm'.repeat(26) };
    expect(await rename({ title: 'Our Plan', base: 'Plan' })).toMatchObject({
      ...{ title: 'Our Plan', titleVersion: 1 },
    });
    const merged = { title: 'Our Plan of mine', titleVersion: 2 };
    expect(await rename(mine)).toMatchObject(merged);
    expect(await rename(mine)).toMatchObject(merged);
    expect(await rename({ title: 'Notes' })).toMatchObject({ title: 'Notes', titleVersion: 3 });
    const odd = await scene.ask(guest, 'PATCH', path(document), { ...mine, renameId: 'short' });
    expect(odd.status).toBe(400);
  });

  it('is changed atomically', async () => {
    const owner = scene.guest();
    const document = await scene.create(owner, { title: 'A', anyone: 'editor' });
    const guest = scene.guest();
    const answer = await scene.ask(guest, 'PATCH', path(document), { title: 'B', anyone: 'off' });
    expect(answer.code).toBe('forbidden');
    const now = (await scene.ask(guest, 'GET', path(document))).json<DocumentResource>();
    expect(now).toMatchObject({ title: 'A', anyone: 'editor', role: 'editor' });
  });

  it('links only to resources that the principal may use', async () => {
    const owner = scene.guest();
    const document = await scene.create(owner, { anyone: 'viewer' });
    const relations = ({ links }: DocumentResource): string[] => Object.keys(links).sort();
    expect(relations(document)).toEqual([
      'page',
      'people',
      'self',
      'shareLinks',
      'snapshot',
      'text',
    ]);
    const seen = (await scene.ask(scene.guest(), 'GET', path(document))).json<DocumentResource>();
    expect(relations(seen)).toEqual(['page', 'self', 'snapshot', 'text']);
    expect(seen.role).toBe('viewer');
  });

  it('has stars and folders per person', async () => {
    const owner = scene.guest();
    const reader = scene.guest();
    const document = await scene.create(owner, { anyone: 'viewer' });
    const body = { starred: true, folder: 'Work' };
    const changed = await scene.ask(reader, 'PATCH', path(document), body);
    expect(changed.json()).toMatchObject({ starred: true, folder: 'Work' });
    const own = (await scene.ask(owner, 'GET', path(document))).json<DocumentResource>();
    expect(own).toMatchObject({ starred: false, folder: '' });
  });
});

describe('the list', () => {
  it('is paginated with a link to the next page', async () => {
    const guest = scene.guest();
    for (const title of ['A', 'B', 'C', 'D', 'E']) await scene.create(guest, { title });
    const titles: string[] = [];
    let next: string | undefined = '/api/v1/documents?limit=2';
    while (next !== undefined) {
      const list: DocumentList = (await scene.ask(guest, 'GET', next)).json();
      titles.push(...list.documents.map(({ title }) => title));
      next = list.links['next'];
    }
    expect(titles).toHaveLength(5);
    expect(titles.sort()).toEqual(['A', 'B', 'C', 'D', 'E']);
  });

  it('finds words of texts that the principal may read', async () => {
    const guest = scene.guest();
    await scene.create(guest, { title: 'Letter', text: 'The quick brown fox' });
    const find = async (who: Record<string, string>, q: string) =>
      (await scene.ask(who, 'GET', `/api/v1/documents?q=${q}`)).json<DocumentList>().documents;
    expect(await find({ ...guest }, 'brown')).toMatchObject([{ title: 'Letter' }]);
    expect((await find({ ...guest }, 'brown'))[0]?.passage).toContain('\u0002brown\u0003');
    expect(await find({ ...guest }, 'wolf')).toEqual([]);
    expect(await find({ ...scene.guest() }, 'brown')).toEqual([]);
  });

  it('bounds the number of different search words, and explains the refusal', async () => {
    const guest = scene.guest();
    const words = (count: number): string =>
      Array.from({ length: count }, (_, place) => `w${place}`).join('+');
    const search = (q: string) => scene.ask(guest, 'GET', `/api/v1/documents?q=${q}`);
    expect((await search(words(SEARCH_WORDS))).status).toBe(200);
    const refused = await search(words(SEARCH_WORDS + 1));
    expect([refused.status, refused.code]).toEqual([400, 'tooManyWords']);
    expect(refused.text).toContain('Leave some out');
    // A repeated word does not count.
    expect((await search(`w0+${words(SEARCH_WORDS)}`)).status).toBe(200);
  });

  it('is empty for an anonymous client, and creates no guest', async () => {
    const answer = await scene.ask({}, 'GET', '/api/v1/documents');
    expect(answer.json<DocumentList>().documents).toEqual([]);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('includes the folders', async () => {
    const guest = scene.guest();
    await scene.create(guest, { folder: 'Work' });
    await scene.create(guest, { folder: 'Work' });
    const { folders } = (await scene.ask(guest, 'GET', '/api/v1/folders')).json<FolderList>();
    expect(folders).toEqual([{ name: 'Work', documents: 2 }]);
  });
});

describe('the trash', () => {
  it('takes in a document, restores it, and deletes it permanently', async () => {
    const guest = scene.guest();
    const document = await scene.create(guest, { title: 'A', anyone: 'editor' });
    const purge = () => scene.ask(guest, 'DELETE', path(document, '?forever=true'));
    const trash = () => scene.ask(guest, 'DELETE', path(document));
    expect((await purge()).code).toBe('notInTrash');
    expect((await trash()).status).toBe(204);
    expect((await trash()).code).toBe('inTrash');
    expect((await scene.ask(scene.guest(), 'GET', path(document))).code).toBe('notFound');
    const own = (await scene.ask(guest, 'GET', path(document))).json<DocumentResource>();
    expect(own.trashedAt).toEqual(expect.any(Number));
    expect((await scene.ask(guest, 'PATCH', path(document), { title: 'B' })).code).toBe('inTrash');
    expect((await scene.ask(guest, 'POST', own.links['restore'] ?? '')).status).toBe(200);
    expect((await scene.ask(scene.guest(), 'GET', path(document))).status).toBe(200);
    await trash();
    expect((await purge()).status).toBe(204);
    expect((await scene.ask(guest, 'GET', path(document))).code).toBe('notFound');
    expect((await scene.ask(guest, 'GET', path(document, '/text'))).code).toBe('notFound');
  });
});

describe('an API token', () => {
  it('may do what its scopes allow, and a refusal names the missing scope', async () => {
    const { context } = scene;
    const { userId, ...ann } = await scene.account('tess');
    const document = await scene.create(ann, { anyone: 'viewer' });
    const token = async (...scopes: string[]) => {
      const made = await scene.ask(ann, 'POST', '/api/v1/tokens', { label: 'x', scopes });
      return { authorization: `Bearer ${made.json<{ token: string }>().token}` };
    };
    const code = async (who: Record<string, string>, method: string, rest = '', body?: unknown) =>
      (await scene.ask(who, method, path(document, rest), body)).code;
    const account = await token('account');
    expect(await code(account, 'GET')).toBe('scopeNeeded');
    const reading = await token('documents:read');
    expect(await code(reading, 'GET')).toBe('200');
    expect(await code(reading, 'PUT', '/text', 'x')).toBe('scopeNeeded');
    expect(await code(reading, 'PATCH', '', { starred: true })).toBe('scopeNeeded');
    expect((await scene.ask(reading, 'POST', '/api/v1/documents', {})).code).toBe('scopeNeeded');
    const writing = await token('documents:write');
    expect(await code(writing, 'PUT', '/text', 'x')).toBe('204');
    expect(await code(writing, 'PATCH', '', { anyone: 'off' })).toBe('scopeNeeded');
    expect(await code(writing, 'GET', '/people')).toBe('scopeNeeded');
    expect(await code(writing, 'DELETE')).toBe('scopeNeeded');
    const open = { anyone: 'editor' };
    expect((await scene.ask(writing, 'POST', '/api/v1/documents', open)).code).toBe('scopeNeeded');
    expect((await scene.ask(writing, 'POST', '/api/v1/documents', {})).status).toBe(201);
    const sharing = await token('sharing');
    expect(await code(sharing, 'GET', '/people')).toBe('200');
    expect(await code(sharing, 'DELETE')).toBe('204');
    expect((await context.store.access.get(document.id))?.people.get(userId)).toBe('owner');
  });
});
