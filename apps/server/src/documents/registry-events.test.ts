/** What an open document hears of changes that services made in the store. */
import { Writable } from 'node:stream';
import { defaultLimits, randomDocumentId, type DocumentId } from '@concord/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { firstText } from './new-document.ts';
import { recordedEvents, testEvents } from '../platform/test-events.ts';
import type { InProcessEvents } from '../platform/domain-events.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import { StoreError, type Store } from '../store/ports/store.ts';
import { DocumentRegistry } from './document-registry.ts';

let store: Store;
let events: InProcessEvents;
let documents: DocumentRegistry;
/** Warnings and errors. */
let logged: string[];
let newRegistry: () => DocumentRegistry;
let id: DocumentId;

beforeEach(async () => {
  store = openMemoryStore();
  events = testEvents();
  const fatal = (error: Error): void => {
    throw error;
  };
  logged = [];
  const lines = new Writable({
    write(line: Buffer, _encoding, done) {
      logged.push(String(line));
      done();
    },
  });
  const log = pino({ level: 'warn' }, lines);
  newRegistry = () => {
    const metrics = new ServerMetrics();
    const made = new DocumentRegistry({
      store,
      limits: defaultLimits,
      metrics,
      log,
      fatal,
      events,
    });
    made.connect({
      ...{ send: vi.fn(), broadcast: vi.fn(), joined: vi.fn(), unjoined: vi.fn() },
      dismissed: vi.fn(),
      diverged: vi.fn(),
    });
    return made;
  };
  documents = newRegistry();
  id = randomDocumentId();
  const document = { id, title: 'Before', text: 'text', anyone: 'off', owner: 'ann' } as const;
  await store.documents.createWithText(firstText(defaultLimits, { ...document, folder: '' }));
});
afterEach(async () => {
  await documents.stop();
  await store.close();
});

const renamed = {
  type: 'documentRenamed',
  title: 'After',
  titleVersion: 1,
  renameId: null,
} as const;

it('an open document has its new title when the event of the renaming was delivered', async () => {
  const document = await documents.open(id);
  await events.publish({ ...renamed, documentId: id });
  expect(document?.title).toBe('After');
});

it('a document that is being opened while it is renamed hears of it when it is open', async () => {
  const opening = documents.open(id);
  await events.publish({ ...renamed, documentId: id });
  expect((await opening)?.title).toBe('After');
});

it('the new name of a person reaches the owners in every process that the bus connects', async () => {
  const elsewhere = newRegistry();
  const opened = await Promise.all([documents.open(id), elsewhere.open(id)]);
  const heard = opened.map((document) => {
    if (document === null) throw new Error('there is no such document');
    return vi.spyOn(document, 'dispatch');
  });
  const renaming = { type: 'personRenamed', userId: 'ann', name: 'Ann A.' } as const;
  await events.publish(renaming);
  for (const dispatch of heard) expect(dispatch).toHaveBeenCalledWith(renaming);
  await elsewhere.stop();
});

it('an access list that cannot be read now does not fail the request that changed it', async () => {
  await documents.open(id);
  vi.spyOn(store.access, 'get').mockRejectedValueOnce(new StoreError('not now', false));
  await expect(events.publish({ type: 'accessChanged', documentId: id })).resolves.toBeUndefined();
});

it('events of a document that is in no memory open none, and ask the store nothing', async () => {
  const get = vi.spyOn(store.access, 'get');
  await events.publish({ type: 'accessChanged', documentId: id });
  await events.publish({ type: 'documentPurged', documentId: id });
  expect(get).not.toHaveBeenCalled();
  expect(documents.running(id)).toBeUndefined();
});

it('a purged document leaves memory', async () => {
  await documents.open(id);
  await events.publish({ type: 'documentPurged', documentId: id });
  await vi.waitFor(() => expect(documents.running(id)).toBeUndefined());
});

it('each commit of a document is an event', async () => {
  const changes = recordedEvents(events, 'textChanged');
  const document = await documents.open(id);
  await document?.edit({ userId: 'ann', baseVersion: 1, operations: [['more ']] });
  expect(changes).toEqual([{ type: 'textChanged', documentId: id }]);
});

it('reads of access that a stop overtakes are no failures, and are not logged', async () => {
  const document = await documents.open(id);
  const fail: ((error: Error) => void)[] = [];
  const held = (): Promise<never> => new Promise((_resolve, reject) => fail.push(reject));
  vi.spyOn(store.access, 'revisions').mockImplementationOnce(held);
  vi.spyOn(store.access, 'get').mockImplementationOnce(held);
  document?.dispatch({ type: 'timer', name: 'access' });
  const changed = events.publish({ type: 'accessChanged', documentId: id });
  await vi.waitFor(() => expect(fail).toHaveLength(2));
  await documents.stop();
  for (const each of fail) each(new StoreError('The store is closed.', false));
  await changed;
  await new Promise((resolve) => setImmediate(resolve));
  expect(logged).toEqual([]);
});

it('a read of access that fails while the document is open is logged', async () => {
  const document = await documents.open(id);
  vi.spyOn(store.access, 'revisions').mockRejectedValueOnce(new StoreError('not now', false));
  document?.dispatch({ type: 'timer', name: 'access' });
  await vi.waitFor(() => expect(logged.join('')).toContain('reading who has access failed'));
});
