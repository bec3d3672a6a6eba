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

/** Of a former version of the app, whose tab does not let go of it. */
const openFormer = (): Promise<IDBPDatabase> =>
  openDB(name, 1, {
    upgrade(db) {
      const replicas = db.createObjectStore('replicas', { keyPath: 'clientId' });
      replicas.createIndex('documentId', 'documentId');
      db.createObjectStore('pieces');
    },
  });

/** As browsers do it. */
function takeAway(database: Database): void {
  // Its types ask for the class instead of an instance.
  forceCloseDatabase(unwrap(database) as unknown as Parameters<typeof forceCloseDatabase>[0]);
}

describe('the database of the device', () => {
  it('tells those who listen when the browser took it away, and is there anew when it is needed', async () => {
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

  it('is given up when an old tab stands in its way, and is there as soon as the tab lets go', async () => {
    const former = await openFormer();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const first = device.open();
    const failed = expect(first).rejects.toBeInstanceOf(QueueStoreError);
    await vi.advanceTimersByTimeAsync(1_500);
    await failed;
    // Whoever asks again is answered at once: nothing new can have happened.
    await expect(device.open()).rejects.toBeInstanceOf(QueueStoreError);
    vi.useRealTimers();
    former.close();
    await vi.waitFor(() => expect(device.opened?.version).toBe(2));
    expect(await device.open()).toBe(device.opened);
  });

  it('of a newer version of the app is used as it is, with what this version knows of it', async () => {
    (await device.open()).close();
    device.lost();
    const newer = await openDB(name, 9, { upgrade: (db) => void db.createObjectStore('later') });
    newer.close();
    const database = await device.open();
    expect(database.version).toBe(9);
    await database.put('terms', 4, 'client');
    expect(await database.get('terms', 'client')).toBe(4);
  });

  it('makes room for a newer version, and goes on beside it', async () => {
    await device.open();
    // Resolves only when the older connection is closed.
    const newer = await openDB(name, 3);
    expect(device.opened).toBeNull();
    expect((await device.open()).version).toBe(3);
    newer.close();
  });

  it('that is newer and lacks what this version needs is no storage, until it is gone', async () => {
    const strange = await openDB(name, 9, { upgrade: (db) => void db.createObjectStore('else') });
    await expect(device.open()).rejects.toBeInstanceOf(QueueStoreError);
    expect(device.opened).toBeNull();
    strange.close();
    await deleteDB(name);
    expect((await device.open()).version).toBe(2);
  });
});
