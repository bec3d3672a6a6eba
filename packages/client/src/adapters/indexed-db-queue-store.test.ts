import 'fake-indexeddb/auto';
import { DocumentText, insertAt, removeAt } from '@concord/ot';
import { randomClientId, randomDocumentId } from '@concord/protocol';
import { deleteDB, openDB } from 'idb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { newReplica } from '../core/new-replica.ts';
import { QueueStoreError, SupersededError } from '../ports.ts';
import type { Replica } from '../core/replica.ts';
import { UNKNOWN_TITLE_VERSION } from '../core/title.ts';
import { DeviceDatabase } from './device-database.ts';
import { IndexedDbQueueStore } from './indexed-db-queue-store.ts';

const documentId = randomDocumentId();
let name = '';
let device: DeviceDatabase;
let store: IndexedDbQueueStore;
beforeEach(() => {
  name = `concord-${randomClientId()}`;
  device = new DeviceDatabase(name);
  store = new IndexedDbQueueStore(device);
});

const replicaWith = (text: string, change: Partial<Replica> = {}): Replica => ({
  ...newReplica(documentId, randomClientId()),
  confirmed: DocumentText.from(text),
  ...change,
});

/** Loads a replica through a new store, as after a reload. */
async function reloaded({ clientId }: Replica): Promise<Replica | null> {
  const again = new DeviceDatabase(name);
  const replica = await new IndexedDbQueueStore(again).load(documentId, clientId);
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
      inFlight: { seq: 4, op: [3, 'x'], edits: 2, effects: [{ type: 'mark', value: { id: 1 } }] },
      pending: [{ d: 2 }],
      pendingEdits: 1,
      pendingEffects: [{ type: 'mark', value: { id: 2 } }],
      effectState: { mark: { id: 3 } },
    });
    await store.save(replica, 'strict');
    const kept = await reloaded(replica);
    expect(kept?.confirmed.toString()).toBe(long);
    expect({ ...kept, confirmed: null }).toEqual({ ...replica, confirmed: null });
    expect(await store.load(randomDocumentId(), replica.clientId)).toBeNull();
    expect(await store.list(documentId)).toEqual([replica.clientId]);
  });

  it('follow every edit, and delete the pieces that are no longer in the text', async () => {
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

  it('of several tabs are written independently', async () => {
    const [one, two] = [replicaWith('one'), replicaWith('two')];
    await Promise.all([store.save(one, 'relaxed'), store.save(two, 'relaxed')]);
    await store.save({ ...one, confirmed: DocumentText.from('one again') }, 'relaxed');
    expect((await reloaded(one))?.confirmed.toString()).toBe('one again');
    expect((await reloaded(two))?.confirmed.toString()).toBe('two');
    await store.remove(documentId, one.clientId);
    expect(await reloaded(one)).toBeNull();
    expect((await reloaded(two))?.confirmed.toString()).toBe('two');
  });

  it('are loaded with their stored text pieces, which are not written again', async () => {
    const replica = replicaWith(long);
    await store.save(replica, 'relaxed');
    device.close();
    const again = new IndexedDbQueueStore(new DeviceDatabase(name));
    await again.beginTerm(replica.clientId);
    const loaded = await again.load(documentId, replica.clientId);
    if (loaded === null) throw new Error('It is there');
    const put = vi.spyOn(IDBObjectStore.prototype, 'put');
    await again.save({ ...loaded, title: 'First key' }, 'relaxed');
    // The row, and the fencing token.
    expect(put).toHaveBeenCalledTimes(2);
    put.mockRestore();
    expect((await reloaded(replica))?.title).toBe('First key');
    // A remote change replaces the text: no piece of the former one remains.
    const changed = { ...loaded, confirmed: loaded.confirmed.apply(insertAt(7, 'theirs')) };
    await again.save(changed, 'relaxed');
    expect((await reloaded(changed))?.confirmed.toString()).toBe(changed.confirmed.toString());
    expect(await pieceCount()).toBe(changed.confirmed.chunkCount);
  });

  it('are written completely by a store that has not written them before', async () => {
    const replica = replicaWith(long);
    await store.save(replica, 'relaxed');
    device.close();
    store = new IndexedDbQueueStore(new DeviceDatabase(name));
    const next = { ...replica, confirmed: DocumentText.from('short') };
    await store.save(next, 'strict');
    expect((await reloaded(next))?.confirmed.toString()).toBe('short');
    expect(await pieceCount()).toBe(1);
  });

  it('reject with QueueStoreError when a write fails', async () => {
    const newer = await openDB(`${name}-newer`, 99);
    const refused = new IndexedDbQueueStore(new DeviceDatabase(`${name}-newer`));
    await expect(refused.save(replicaWith('text'), 'strict')).rejects.toThrow(QueueStoreError);
    newer.close();
  });

  it('are written again after the database was closed by the browser', async () => {
    const replica = replicaWith('text');
    await store.save(replica, 'relaxed');
    device.opened?.close();
    await expect(store.save(replica, 'strict')).rejects.toThrow(QueueStoreError);
    await store.save({ ...replica, title: 'Again' }, 'strict');
    expect((await reloaded(replica))?.title).toBe('Again');
  });

  it('are written completely again after the browser evicted the storage', async () => {
    const replica = replicaWith(long);
    await store.beginTerm(replica.clientId);
    await store.save(replica, 'relaxed');
    device.lost();
    await deleteDB(name);
    const next = { ...replica, confirmed: replica.confirmed.apply(insertAt(0, 'after')) };
    await store.save(next, 'strict');
    expect((await reloaded(next))?.confirmed.toString()).toBe(`after${long}`);
    await store.save(next, 'strict');
  });

  it('that are saved concurrently take effect in the order of the calls', async () => {
    let replica = replicaWith(long);
    const writes: Promise<void>[] = [];
    for (let version = 1; version <= 5; version++) {
      const confirmed = replica.confirmed.apply(insertAt(version * 100, `${version}`));
      replica = { ...replica, version, confirmed };
      writes.push(store.save(replica, version % 2 === 0 ? 'strict' : 'relaxed'));
    }
    await Promise.all(writes);
    const kept = await reloaded(replica);
    expect(kept?.confirmed.toString()).toBe(replica.confirmed.toString());
    expect(kept?.version).toBe(5);
  });

  it('are no longer written by a tab whose fencing token another tab has superseded', async () => {
    const replica = replicaWith('text');
    await store.beginTerm(replica.clientId);
    await store.save(replica, 'strict');
    const other = new IndexedDbQueueStore(new DeviceDatabase(name));
    await other.beginTerm(replica.clientId);
    await other.save({ ...replica, title: 'Theirs' }, 'strict');
    await expect(store.save(replica, 'strict')).rejects.toThrow(SupersededError);
    expect((await reloaded(replica))?.title).toBe('Theirs');
    // Nor later, nor with another text; the tab writes again after it has taken the replica back.
    const changed = { ...replica, confirmed: DocumentText.from('changed') };
    await expect(store.save(changed, 'relaxed')).rejects.toThrow(SupersededError);
    await other.save({ ...replica, title: 'Theirs still' }, 'strict');
    expect((await reloaded(replica))?.title).toBe('Theirs still');
    await store.beginTerm(replica.clientId);
    await store.save(changed, 'strict');
    expect((await reloaded(replica))?.confirmed.toString()).toBe('changed');
    await expect(other.save(replica, 'strict')).rejects.toThrow(SupersededError);
  });

  it('keep a bounded number of ended terms', async () => {
    const replica = replicaWith('text');
    for (let term = 1; term <= 1_010; term++) await store.beginTerm(replica.clientId);
    await store.save(replica, 'relaxed');
    const database = await device.open();
    expect(await database.count('terms')).toBe(1_001);
    expect(await database.get('terms', replica.clientId)).toBe(1_010);
  });

  it('issue all requests of a write and its commit synchronously, to survive an unload of the page', async () => {
    const replica = replicaWith('text');
    await store.beginTerm(replica.clientId);
    await store.save(replica, 'relaxed');
    const asked = vi.spyOn(IDBTransaction.prototype, 'commit');
    const written = store.save({ ...replica, title: 'Last' }, 'relaxed');
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
    await written;
    expect((await reloaded(replica))?.title).toBe('Last');
  });

  it('of the first schema version survive the upgrade', async () => {
    const old = `${name}-old`;
    const database = await openDB(old, 1, {
      upgrade(db) {
        db.createObjectStore('replicas', { keyPath: 'clientId' }).createIndex(
          'documentId',
          'documentId',
        );
        db.createObjectStore('pieces');
      },
    });
    const replica = replicaWith('unsent', { pendingEdits: 2, pending: ['ab'] });
    const { confirmed, userId: _u, isNew: _n, role: _r, titleDraft: _t, ...row } = replica;
    await database.put('replicas', { ...row, pieces: [1] });
    await database.put('pieces', confirmed.toString(), [replica.clientId, 1]);
    database.close();
    const kept = await new IndexedDbQueueStore(new DeviceDatabase(old)).load(
      documentId,
      replica.clientId,
    );
    expect({ ...kept, confirmed: kept?.confirmed.toString() }).toEqual({
      ...replica,
      confirmed: 'unsent',
    });
  });

  it('of an earlier version keep an unsent title as one pending rename', async () => {
    const replica = replicaWith('text', { title: 'Plan', titleDraft: 'Plan of mine' });
    await store.save(replica, 'strict');
    const database = await openDB(name);
    const {
      renames: _r,
      titleVersion: _v,
      ...row
    } = (await database.get('replicas', replica.clientId)) as Record<string, unknown>;
    await database.put('replicas', row);
    database.close();
    expect(await reloaded(replica)).toMatchObject({
      titleVersion: UNKNOWN_TITLE_VERSION,
      renames: [{ base: 'Plan', title: 'Plan of mine' }],
    });
  });

  it('are rejected when a piece of the text is missing', async () => {
    const replica = replicaWith(long);
    await store.save(replica, 'relaxed');
    const database = await openDB(name);
    await database.delete('pieces', [replica.clientId, 3]);
    database.close();
    await expect(reloaded(replica)).rejects.toThrow(QueueStoreError);
  });
});
