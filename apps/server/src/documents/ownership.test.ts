/** Two owners of one document: the log lets only the later one write. */
import type { ServerMessage } from '@concord/protocol';
import { defaultLimits, randomDocumentId, type DocumentId } from '@concord/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { testEvents } from '../platform/test-events.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';
import { DocumentRegistry } from './document-registry.ts';
import type { DocumentRunner } from './document-runner.ts';
import { firstText } from './new-document.ts';
import { LocalOwnership, type Ownership } from './ownership.ts';

let store: Store;
let id: DocumentId;
const registries: DocumentRegistry[] = [];

beforeEach(async () => {
  store = openMemoryStore();
  id = randomDocumentId();
  const document = { id, title: '', text: 'text', anyone: 'editor', owner: 'ann' } as const;
  await store.documents.createWithText(firstText(defaultLimits, { ...document, folder: '' }));
});
afterEach(async () => {
  await Promise.all(registries.splice(0).map((each) => each.stop()));
  await store.close();
});

function registry(ownership: Ownership = new LocalOwnership(store.log)): DocumentRegistry {
  const documents = new DocumentRegistry({
    ...{ store, limits: defaultLimits, metrics: new ServerMetrics(), ownership },
    ...{ log: pino({ level: 'silent' }), events: testEvents() },
    fatal: (error) => {
      throw error;
    },
  });
  const send = vi.fn<(session: number, message: ServerMessage) => void>();
  documents.connect({
    ...{ send, broadcast: vi.fn(), joined: vi.fn(), unjoined: vi.fn() },
    ...{ dismissed: vi.fn(), diverged: vi.fn() },
  });
  registries.push(documents);
  return documents;
}

const ownership = (given: Partial<Ownership>): Ownership => ({
  acquire: async () => ({ epoch: 1, head: 1 }),
  release: () => {},
  mayAnswer: () => true,
  ...given,
});

/** At the beginning of the newest text: an edit of an older one would be moved by a thread first, within a deadline. */
const insert = (document: DocumentRunner | null, text: string) =>
  document?.edit({ userId: 'ann', baseVersion: document.version, operations: [[text]] });

it('each owner that writes has a higher epoch than the one before, and one that only reads writes none', async () => {
  const append = vi.spyOn(store.log, 'append');
  for (const epoch of [1, 2]) {
    const documents = registry();
    await insert(await documents.open(id), 'a');
    await documents.stop();
    expect(append).toHaveBeenLastCalledWith(expect.objectContaining({ epoch }));
  }
  const documents = registry();
  await documents.open(id);
  await documents.stop();
  expect(await store.log.epoch(id)).toBe(2);
  expect(append).toHaveBeenCalledTimes(2);
});

it('an owner that was taken over cannot write, not even at the version that is next', async () => {
  const former = registry(ownership({ acquire: async () => ({ epoch: 3, head: null }) }));
  const later = registry(ownership({ acquire: async () => ({ epoch: 4, head: null }) }));
  await insert(await later.open(id), 'of the later ');
  // It has read what the later one wrote, so that its version is free.
  const stale = await former.open(id);
  expect(stale?.version).toBe(2);
  await expect(insert(stale, 'of the former ')).rejects.toMatchObject({
    code: 'storeUnavailable',
  });
  expect(await store.log.headVersion(id)).toBe(2);
  // As after every failed append, the state is dropped.
  expect(former.running(id)).toBeUndefined();
});

it('a document is owned before its log is read, and given back when it leaves memory or cannot be opened', async () => {
  const order: string[] = [];
  const read = store.checkpoints.atOrBefore.bind(store.checkpoints);
  vi.spyOn(store.checkpoints, 'atOrBefore').mockImplementation((...given) => {
    order.push('read');
    return read(...given);
  });
  const documents = registry(
    ownership({
      acquire: async () => {
        await new Promise(setImmediate);
        order.push('acquired');
        return { epoch: 1, head: null };
      },
      release: () => void order.push('released'),
    }),
  );
  const document = await documents.open(id);
  expect(order).toEqual(['acquired', 'read']);
  await document?.stop();
  expect(order).toEqual(['acquired', 'read', 'released']);
  order.length = 0;
  expect(await documents.open(randomDocumentId())).toBeNull();
  expect(order).toEqual(['acquired', 'released']);
  order.length = 0;
  vi.spyOn(store.access, 'get').mockRejectedValueOnce(new Error('no'));
  await expect(documents.open(id)).rejects.toThrow('no');
  expect(order).toEqual(['acquired', 'released']);
});
