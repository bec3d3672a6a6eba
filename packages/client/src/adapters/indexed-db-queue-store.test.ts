import 'fake-indexeddb/auto';
import { DocumentText, insertAt, removeAt } from '@concord/ot';
import { randomClientId, randomDocumentId } from '@concord/protocol';
import { openDB } from 'idb';
import { beforeEach, describe, expect, it } from 'vitest';
import { newReplica } from '../document-client.ts';
import { QueueStoreError } from '../ports.ts';
import type { Replica } from '../replica.ts';
import { IndexedDbQueueStore } from './indexed-db-queue-store.ts';

const documentId = randomDocumentId();
let name = '';
let store: IndexedDbQueueStore;
beforeEach(async () => {
  name = `concord-${randomClientId()}`;
  store = await IndexedDbQueueStore.open(name);
});

const replicaWith = (text: string, change: Partial<Replica> = {}): Replica => ({
  ...newReplica(documentId),
  confirmed: DocumentText.from(text),
  ...change,
});

/** Loaded by another store, as after a reload. */
async function reloaded({ clientId }: Replica): Promise<Replica | null> {
  const again = await IndexedDbQueueStore.open(name);
  const replica = await again.load(documentId, clientId);
  again.close();
  return replica;
}

async function pieceCount(): Promise<number> {
  const database = await openDB(name);
  const count = await database.count('pieces');
  database.close();
  return count;
}

const long = 'A line of a long text, with 😀 in it.\n'.repeat(3_000);

describe('replicas in IndexedDB', () => {
  it('come back as they were saved, text and queue together', async () => {
    const replica = replicaWith(long, {
      epoch: 3,
      version: 7,
      nextSeq: 5,
      title: 'Title',
      opened: true,
      historyId: 'history',
      inFlight: { seq: 4, op: [3, 'x'], edits: 2 },
      pending: [{ d: 2 }],
      pendingEdits: 1,
    });
    await store.save(replica, 'strict');
    const kept = await reloaded(replica);
    expect(kept?.confirmed.toString()).toBe(long);
    expect({ ...kept, confirmed: null }).toEqual({ ...replica, confirmed: null });
    expect(await store.load(randomDocumentId(), replica.clientId)).toBeNull();
    expect(await store.list(documentId)).toEqual([replica.clientId]);
  });

  it('follow every edit, and keep no piece that the text has lost', async () => {
    let replica = replicaWith(long);
    await store.save(replica, 'relaxed');
    const edits = [
      insertAt(50_000, 'inserted'),
      removeAt(10, 40_000),
      insertAt(0, long),
      removeAt(0, 100_000),
    ];
    for (const [place, edit] of edits.entries()) {
      replica = { ...replica, version: place + 1, confirmed: replica.confirmed.apply(edit) };
      await store.save(replica, 'relaxed');
      expect((await reloaded(replica))?.confirmed.toString()).toBe(replica.confirmed.toString());
      expect(await pieceCount()).toBe(replica.confirmed.chunkCount);
    }
  });

  it('of several tabs do not touch each other', async () => {
    const [one, two] = [replicaWith('one'), replicaWith('two')];
    await Promise.all([store.save(one, 'relaxed'), store.save(two, 'relaxed')]);
    await store.save({ ...one, confirmed: DocumentText.from('one again') }, 'relaxed');
    expect((await reloaded(one))?.confirmed.toString()).toBe('one again');
    expect((await reloaded(two))?.confirmed.toString()).toBe('two');
    await store.remove(documentId, one.clientId);
    expect(await reloaded(one)).toBeNull();
    expect((await reloaded(two))?.confirmed.toString()).toBe('two');
  });

  it('are written whole by a store that did not write them before', async () => {
    const replica = replicaWith(long);
    await store.save(replica, 'relaxed');
    store.close();
    store = await IndexedDbQueueStore.open(name);
    const next = { ...replica, confirmed: DocumentText.from('short') };
    await store.save(next, 'strict');
    expect((await reloaded(next))?.confirmed.toString()).toBe('short');
    expect(await pieceCount()).toBe(1);
  });

  it('reject with QueueStoreError when the device does not write', async () => {
    const replica = replicaWith('text');
    await store.save(replica, 'relaxed');
    store.close();
    await expect(store.save(replica, 'strict')).rejects.toThrow(QueueStoreError);
    expect((await reloaded(replica))?.confirmed.toString()).toBe('text');
  });

  it('are refused when a piece of the text is gone', async () => {
    const replica = replicaWith(long);
    await store.save(replica, 'relaxed');
    const database = await openDB(name);
    await database.delete('pieces', [replica.clientId, 3]);
    database.close();
    await expect(reloaded(replica)).rejects.toThrow(QueueStoreError);
  });
});
