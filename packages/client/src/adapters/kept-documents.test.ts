import 'fake-indexeddb/auto';
import { DocumentText } from '@concord/ot';
import { randomClientId, randomDocumentId, type DocumentId } from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newReplica } from '../core/new-replica.ts';
import type { Replica } from '../core/replica.ts';
import { DeviceDatabase } from './device-database.ts';
import { IndexedDbQueueStore } from './indexed-db-queue-store.ts';
import { KeptDocuments } from './kept-documents.ts';

const ANN = 'ann';
let device: DeviceDatabase;
let queueStore: IndexedDbQueueStore;
let kept: KeptDocuments;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  device = new DeviceDatabase(`concord-${randomClientId()}`);
  queueStore = new IndexedDbQueueStore(device);
  kept = new KeptDocuments(device, queueStore);
});
afterEach(() => {
  vi.useRealTimers();
  device.close();
});

/** Stores a document of 100 characters, opened one second after the one before. */
async function opened(title: string, change: Partial<Replica> = {}): Promise<DocumentId> {
  const documentId = randomDocumentId();
  const replica = newReplica(documentId, randomClientId(), ANN);
  const confirmed = DocumentText.from('x'.repeat(100));
  await queueStore.save({ ...replica, opened: true, title, confirmed, ...change }, 'relaxed');
  vi.setSystemTime(Date.now() + 1_000);
  await kept.used(documentId, ANN);
  return documentId;
}

const titles = async (userId = ANN): Promise<readonly string[]> =>
  (await kept.list(userId)).map(({ title }) => title);

describe('the documents kept on a device', () => {
  it('are listed for their person, most recently used first', async () => {
    const first = await opened('first');
    await opened('second');
    expect(await titles()).toEqual(['second', 'first']);
    vi.setSystemTime(Date.now() + 1_000);
    await kept.used(first, ANN);
    expect(await titles()).toEqual(['first', 'second']);
    expect(await titles('bob')).toEqual([]);
  });

  it('are evicted least recently used first, by count and by size', async () => {
    for (const title of ['first', 'second', 'third', 'fourth']) await opened(title);
    await kept.forgetLeastUsed(ANN, { documents: 3, characters: 1_000 }, new Set());
    expect(await titles()).toEqual(['fourth', 'third', 'second']);
    await kept.forgetLeastUsed(ANN, { documents: 3, characters: 250 }, new Set());
    expect(await titles()).toEqual(['fourth', 'third']);
  });

  it('are never evicted while they have unsent edits, are pinned or are open', async () => {
    await opened('unsent', { pending: ['a'], pendingEdits: 1 });
    await opened('renamed', { titleDraft: 'renamed' });
    await opened('made here', { isNew: true });
    const wanted = await opened('wanted');
    await kept.keepOffline(wanted, ANN, true);
    const open = await opened('open');
    await opened('away');
    await kept.forgetLeastUsed(ANN, { documents: 0, characters: 0 }, new Set([open]));
    expect(await titles()).toEqual(['open', 'wanted', 'made here', 'renamed', 'unsent']);
  });

  it('include the folder in which a document was created', async () => {
    const documentId = await opened('made here', { isNew: true });
    expect(await kept.folderOf(documentId, ANN)).toBe('');
    await kept.begunIn(documentId, ANN, 'Work');
    await kept.used(documentId, ANN);
    expect(await kept.folderOf(documentId, ANN)).toBe('Work');
    expect(await kept.list(ANN)).toMatchObject([{ folder: 'Work' }]);
  });
});

describe('signing out on a shared computer', () => {
  async function everything(): Promise<string> {
    const database = await device.open();
    const stores = ['replicas', 'pieces', 'uses', 'undo'] as const;
    const rows = await Promise.all(stores.map((store) => database.getAll(store)));
    return JSON.stringify(rows);
  }

  it('removes all documents of one person, and none of another', async () => {
    const documentId = await opened('private');
    await kept.saveUndo(documentId, ANN, { checksum: 1, history: 'typed words' });
    const replica = newReplica(randomDocumentId(), randomClientId(), 'bob');
    await queueStore.save({ ...replica, opened: true, title: 'of bob' }, 'relaxed');
    expect(await kept.removeAll(ANN)).toBe(0);
    const rest = await everything();
    for (const word of ['private', 'xxx', 'typed words', ANN]) expect(rest).not.toContain(word);
    expect(rest).toContain('of bob');
  });

  it('keeps documents with unsent edits unless these are to be removed, too', async () => {
    await opened('sent');
    const unsent = { pending: ['typed'], pendingEdits: 1 };
    await opened('unsent', unsent);
    expect(await kept.removeAll(ANN)).toBe(1);
    expect(await titles()).toEqual(['unsent']);
    expect(await kept.removeAll(ANN, { alsoUnsent: true })).toBe(0);
    expect(await titles()).toEqual([]);
    expect(await everything()).not.toContain('typed');
  });

  it('makes later writes of a tab that is still open fail', async () => {
    const replica = { ...newReplica(randomDocumentId(), randomClientId(), ANN), opened: true };
    const tab = new IndexedDbQueueStore(device);
    await tab.beginTerm(replica.clientId);
    await tab.save(replica, 'strict');
    await kept.removeAll(ANN);
    const late = { ...replica, confirmed: DocumentText.from('late words') };
    await expect(tab.save(late, 'relaxed')).rejects.toThrow();
    expect(await everything()).not.toContain('late words');
  });
});
