import 'fake-indexeddb/auto';
import { forceCloseDatabase } from 'fake-indexeddb';
import { randomClientId } from '@concord/protocol';
import { deleteDB, openDB, unwrap, type IDBPDatabase } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QueueStoreError } from '../ports.ts';
import { DeviceDatabase, type Database } from './device-database.ts';

let name = '';
let device: DeviceDatabase;
beforeEach(() => {
  name = `concord-${randomClientId()}`;
  device = new DeviceDatabase(name);
});
afterEach(() => {
  vi.useRealTimers();
  device.close();
});

/** Opens the database as an earlier version of the app: its tab does not close the connection on `versionchange`. */
const openFormer = (): Promise<IDBPDatabase> =>
  openDB(name, 1, {
    upgrade(db) {
      const replicas = db.createObjectStore('replicas', { keyPath: 'clientId' });
      replicas.createIndex('documentId', 'documentId');
      db.createObjectStore('pieces');
    },
  });

/** Simulates eviction: closes the connection as a browser does that clears the site's storage. */
function takeAway(database: Database): void {
  // The declared parameter type is the class, not an instance.
  forceCloseDatabase(unwrap(database) as unknown as Parameters<typeof forceCloseDatabase>[0]);
}

describe('the database of the device', () => {
  it('notifies listeners when the browser evicts it, and is created again on the next use', async () => {
    const before = await device.open();
    let told = 0;
    const stop = device.onTakenAway(() => told++);
    takeAway(before);
    expect(told).toBe(1);
    const after = await device.open();
    expect(after).not.toBe(before);
    stop();
    takeAway(after);
    expect(told).toBe(1);
  });

  it('stops waiting when a tab of an older version blocks the upgrade, and opens once that tab closes', async () => {
    const former = await openFormer();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const first = device.open();
    const failed = expect(first).rejects.toBeInstanceOf(QueueStoreError);
    await vi.advanceTimersByTimeAsync(1_500);
    await failed;
    // A second call rejects at once: the blocked upgrade is still pending.
    await expect(device.open()).rejects.toBeInstanceOf(QueueStoreError);
    vi.useRealTimers();
    former.close();
    await vi.waitFor(() => expect(device.opened?.version).toBe(2));
    expect(await device.open()).toBe(device.opened);
  });

  it('created by a newer version of the app is used as it is, with the stores that this version knows', async () => {
    (await device.open()).close();
    device.lost();
    const newer = await openDB(name, 9, { upgrade: (db) => void db.createObjectStore('later') });
    newer.close();
    const database = await device.open();
    expect(database.version).toBe(9);
    await database.put('terms', 4, 'client');
    expect(await database.get('terms', 'client')).toBe(4);
  });

  it('closes for the upgrade of a newer version, and reopens beside it', async () => {
    await device.open();
    // Resolves only when the older connection is closed.
    const newer = await openDB(name, 3);
    expect(device.opened).toBeNull();
    expect((await device.open()).version).toBe(3);
    newer.close();
  });

  it('of a newer version that lacks a store this version needs counts as unavailable until it is deleted', async () => {
    const strange = await openDB(name, 9, { upgrade: (db) => void db.createObjectStore('else') });
    await expect(device.open()).rejects.toBeInstanceOf(QueueStoreError);
    expect(device.opened).toBeNull();
    strange.close();
    await deleteDB(name);
    expect((await device.open()).version).toBe(2);
  });
});
