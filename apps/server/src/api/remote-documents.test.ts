/** The REST API and the search index of a server that owns no document: the owners are elsewhere, and answer later. */
import {
  formatHead,
  HEAD_HEADER,
  parseHead,
  VERSION_HEADER,
  type ComposedOperation,
  type DocumentList,
  type DocumentResource,
} from '@concord/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LocalDocumentHandles } from '../documents/document-handle.ts';
import type { DocumentRegistry } from '../documents/document-registry.ts';
import { LocalOwnership, type Ownership } from '../documents/ownership.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { StoreError } from '../store/ports/store.ts';
import { ApiScene, type Headers } from './test-api.ts';
import { documentsWithoutSockets } from './test-documents.ts';
import { RemoteDocumentHandles } from './test-remote-handles.ts';

let scene: ApiScene;
/** The process that owns the documents now. */
let owner: DocumentRegistry;
let owners: DocumentRegistry[];
let handles: RemoteDocumentHandles;
let guest: Headers;
let document: DocumentResource;

/** A process that owns documents of the scene's store, by an ownership that is asked elsewhere too. */
function newOwner(): DocumentRegistry {
  const { store, config } = scene.context;
  const local = new LocalOwnership(store.log);
  const ownership: Ownership = {
    acquire: async (id) => {
      await new Promise(setImmediate);
      return local.acquire(id);
    },
    release: () => local.release(),
    mayAnswer: () => local.mayAnswer(),
  };
  const metrics = new ServerMetrics();
  const log = pino({ level: 'silent' });
  const made = documentsWithoutSockets(store, config.limits, metrics, log, scene.events, ownership);
  owners.push(made);
  return made;
}

beforeEach(async () => {
  owners = [];
  handles = new RemoteDocumentHandles(() => new LocalDocumentHandles(owner));
  scene = await ApiScene.open({}, handles);
  owner = newOwner();
  guest = scene.guest();
  document = await scene.create(guest, { title: 'Tale', text: 'one two three\n' });
});
afterEach(async () => {
  await Promise.all(owners.map((each) => each.stop()));
  await scene.close();
});

const path = (rest: string): string => `/api/v1/documents/${document.id}${rest}`;
const read = (headers: Headers = {}) => scene.ask(guest, 'GET', path('/text'), undefined, headers);
const put = (text: string, query = '', headers: Headers = {}) =>
  scene.ask(guest, 'PUT', path(`/text${query}`), text, headers);

afterEach(() => {
  // Whatever the API did, it did through the port: no document was opened in this process.
  expect(scene.context.documents.running(document.id)).toBeUndefined();
});

it('a text is read, replaced and merged through its owner elsewhere', async () => {
  const first = await read();
  expect(first.text).toBe('one two three\n');
  const etag = first.headers.get('etag') ?? '';
  expect((await read({ 'if-none-match': etag })).status).toBe(304);
  expect((await put('one 2 three\n')).status).toBe(204);
  // From the first text: what was written since stays.
  const merged = await put('one two 3\n', `?base=${encodeURIComponent(etag)}`);
  expect([merged.status, merged.headers.get(VERSION_HEADER)]).toEqual([204, '3']);
  expect((await read()).text).toBe('one 2 3\n');
  expect((await put('words', '', { 'if-match': etag })).code).toBe('preconditionFailed');
  expect(owner.running(document.id)?.version).toBe(3);
  for (const method of ['text', 'edit', 'textAt', 'operationAt', 'isOnlyByApiOf', 'whileHeld']) {
    expect(handles.asked).toContain(method);
  }
});

it('a write that is sent again is found in the log of its owner elsewhere, and done once', async () => {
  const again = { 'idempotency-key': 'once' };
  expect((await put('one 2 three\n', '', again)).status).toBe(204);
  expect((await put('one 2 three\n', '', again)).status).toBe(204);
  expect((await read()).headers.get(VERSION_HEADER)).toBe('2');
});

it('snapshots and what happened between versions come from elsewhere', async () => {
  await put('one 2 three\n');
  const snapshot = await scene.ask(guest, 'GET', path('/snapshot?atLeast=2'));
  expect([snapshot.text, snapshot.headers.get(VERSION_HEADER)]).toEqual(['one 2 three\n', '2']);
  const head = parseHead(snapshot.headers.get(HEAD_HEADER) ?? '');
  expect(head).toMatchObject({ version: 2 });
  if (head === null) return;
  const ofHead = (named: typeof head) =>
    scene.ask(guest, 'GET', path(`/snapshot?head=${formatHead(named)}`));
  expect((await ofHead(head)).status).toBe(200);
  expect((await ofHead({ ...head, at: head.at + 1 })).code).toBe('otherHistory');
  expect((await scene.ask(guest, 'GET', path('/snapshot?atLeast=9'))).code).toBe('versionAhead');
  const between = await scene.ask(guest, 'GET', path('/operation?after=1&through=2'));
  expect(between.json<ComposedOperation>().op).toEqual([4, { d: 3 }, '2']);
});

it('a title that the API changes reaches the owner elsewhere by the event', async () => {
  await read();
  expect((await scene.ask(guest, 'PATCH', path(''), { title: 'Story' })).status).toBe(200);
  await vi.waitFor(() => expect(owner.running(document.id)?.title).toBe('Story'));
});

it('a search finds what was written at an owner elsewhere', async () => {
  const found = async (): Promise<number> => {
    const answer = await scene.ask(guest, 'GET', '/api/v1/documents?q=zebra');
    return answer.json<DocumentList>().documents.length;
  };
  expect(await found()).toBe(0);
  await put('one zebra three\n');
  await vi.waitFor(async () => expect(await found()).toBe(1), { timeout: 30_000 });
  expect(handles.asked).toContain('inMemory');
}, 60_000);

it('the API goes on when another process becomes the owner, which fences off the former one', async () => {
  await put('one 2 three\n');
  const former = owner;
  const stale = await former.open(document.id);
  expect(await scene.context.store.log.epoch(document.id)).toBe(1);
  owner = newOwner();
  expect((await read()).text).toBe('one 2 three\n');
  expect((await put('one 2 3\n')).status).toBe(204);
  expect(await scene.context.store.log.epoch(document.id)).toBe(2);
  const late = { userId: await scene.userIdOf(guest), baseVersion: 2, operations: [['late ']] };
  await expect(stale?.edit(late)).rejects.toMatchObject({ code: 'storeUnavailable' });
  expect((await read()).text).toBe('one 2 3\n');
});

it('an owner that cannot be reached is a 503 with the time to come again, and nothing is written', async () => {
  vi.spyOn(handles, 'open').mockRejectedValue(new StoreError('not reached', false));
  for (const answer of [await read(), await put('other')]) {
    expect([answer.status, answer.code]).toEqual([503, 'storeUnavailable']);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  }
  expect(await scene.context.store.log.headVersion(document.id)).toBe(1);
});
