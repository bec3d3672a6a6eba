import 'fake-indexeddb/auto';
import {
  HISTORY_HEADER,
  randomClientId,
  randomDocumentId,
  VERSION_HEADER,
} from '@concord/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeviceDatabase } from './adapters/device-database.ts';
import { IndexedDbQueueStore } from './adapters/indexed-db-queue-store.ts';
import { keptDocuments, openDocumentIds, putOnDevice, ServerRefusedError } from './browser.ts';
import { newReplica } from './core/new-replica.ts';
import type { Replica } from './core/replica.ts';
import { FakeLockManager } from './tabs/fake-lock-manager.ts';
import { fakeStorage } from './tabs/fake-storage.ts';
import { LeaseLock, LeasingPage } from './tabs/lease-lock.ts';

afterEach(() => void vi.unstubAllGlobals());

const holder = { lost: () => undefined, mayForce: () => true };

describe('the documents that are open in this browser', () => {
  it('are those whose Web Lock a tab holds; unrelated locks are ignored', async () => {
    const [open, closed] = [randomDocumentId(), randomDocumentId()];
    const locks = new FakeLockManager();
    vi.stubGlobal('navigator', { locks });
    let close = (): void => undefined;
    const forEver = (): Promise<unknown> => new Promise(() => undefined);
    void locks.request(`concord:${open}:ann`, {}, forEver);
    void locks.request('concord.refresh', {}, forEver);
    void locks.request(
      `concord:${closed}:ann`,
      {},
      () => new Promise<void>((resolve) => (close = resolve)),
    );
    await vi.waitFor(async () => expect(await openDocumentIds()).toEqual(new Set([open, closed])));
    close();
    await vi.waitFor(async () => expect(await openDocumentIds()).toEqual(new Set([open])));
  });

  it('are those with an unexpired lease, in browsers without Web Locks', async () => {
    const [open, closed] = [randomDocumentId(), randomDocumentId()];
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('localStorage', fakeStorage());
    const device = new DeviceDatabase();
    const page = new LeasingPage();
    const [lease, gone] = [
      new LeaseLock(`concord:${open}:`, device, new LeasingPage()),
      new LeaseLock(`concord:${closed}:ann`, device, page),
    ];
    await lease.take('ifFree', holder);
    await gone.take('ifFree', holder);
    expect(await openDocumentIds()).toEqual(new Set([open, closed]));
    page.gone();
    expect(await openDocumentIds()).toEqual(new Set([open]));
    lease.release();
    gone.release();
    await vi.waitFor(async () => expect(await openDocumentIds()).toEqual(new Set()));
    device.close();
  });
});

describe('putting a document on the device', () => {
  const device = new DeviceDatabase();
  const queueStore = new IndexedDbQueueStore(device);
  const unreachable = {
    server: {
      create: () => Promise.reject(new Error()),
      rename: () => Promise.reject(new Error()),
    },
  };

  /** A server with a document at version 9. */
  function serve(status = 200, historyId = 'history') {
    const fetch = vi.fn<typeof globalThis.fetch>(() =>
      Promise.resolve(
        new Response('as it is now', {
          status,
          headers: { [VERSION_HEADER]: '9', [HISTORY_HEADER]: historyId },
        }),
      ),
    );
    vi.stubGlobal('fetch', fetch);
    vi.stubGlobal('navigator', { locks: new FakeLockManager() });
    const listed = { id: randomDocumentId(), version: 7, title: 'Listed', role: 'editor' } as const;
    const put = (): Promise<void> => putOnDevice(listed, 'ann', unreachable);
    const keep = async (change: Partial<Replica>): Promise<void> => {
      const replica = newReplica(listed.id, randomClientId(), 'ann');
      await queueStore.save({ ...replica, opened: true, version: 5, ...change }, 'relaxed');
    };
    const versions = async (): Promise<readonly number[]> =>
      (await queueStore.rows())
        .filter((row) => row.documentId === listed.id)
        .map((row) => row.version);
    return { listed, put, keep, versions, fetch };
  }

  it('stores the server’s text as the person’s own, in place of an older one', async () => {
    const { listed, put, keep, versions } = serve();
    await keep({});
    await put();
    expect(await versions()).toEqual([9]);
    const [clientId = randomClientId()] = await queueStore.list(listed.id);
    const replica = await queueStore.load(listed.id, clientId);
    expect(replica?.confirmed.toString()).toBe('as it is now');
    expect(replica).toMatchObject({ opened: true, role: 'editor', title: 'Listed', userId: 'ann' });
    const kept = (await keptDocuments.list('ann')).find((each) => each.documentId === listed.id);
    expect(kept).toMatchObject({ title: 'Listed', usedAtMs: 0, unsent: 0 });
  });

  it('does not replace a replica that has unsent edits, is newer, or is open in a tab', async () => {
    const owed = serve();
    await owed.keep({ pending: ['mine'], pendingEdits: 1 });
    await owed.put();
    expect(await owed.versions()).toEqual([5]);

    const newer = serve();
    await newer.keep({ version: 10 });
    await newer.put();
    expect(await newer.versions()).toEqual([10]);

    const open = serve();
    await open.keep({});
    const name = `concord:${open.listed.id}:ann`;
    void navigator.locks.request(name, {}, () => new Promise(() => undefined));
    await open.put();
    expect(await open.versions()).toEqual([5]);
  });

  it('does not replace a text of another history, which may be the only copy', async () => {
    const renewed = serve(200, 'restored');
    await renewed.keep({ historyId: 'history' });
    await expect(renewed.put()).rejects.toMatchObject({ code: 'otherHistory' });
    expect(await renewed.versions()).toEqual([5]);

    // The server compares the heads: a backup may have been restored under the same history id.
    const refused = serve(409);
    const head = { clientId: randomClientId(), seq: 3, at: 1 };
    await refused.keep({ historyId: 'history', head });
    await expect(refused.put()).rejects.toThrow('409');
    expect(await refused.versions()).toEqual([5]);
    const [[address] = []] = refused.fetch.mock.calls;
    expect(address).toContain(`&head=5.${head.clientId}.3.1`);
  });

  it('rejects when the server refuses the document', async () => {
    const { put, versions } = serve(404);
    await expect(put()).rejects.toBeInstanceOf(ServerRefusedError);
    expect(await versions()).toEqual([]);
  });
});
