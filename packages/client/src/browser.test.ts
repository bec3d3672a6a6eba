import 'fake-indexeddb/auto';
import { randomDocumentId } from '@concord/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeviceDatabase } from './adapters/device-database.ts';
import { openDocumentIds } from './browser.ts';
import { FakeLockManager } from './tabs/fake-lock-manager.ts';
import { LeaseLock } from './tabs/lease-lock.ts';

afterEach(() => void vi.unstubAllGlobals());

const holder = { lost: () => undefined, mayForce: () => true };

describe('the documents that are open in this browser', () => {
  it('are those whose Web Lock a tab holds; other locks are none of them', async () => {
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

  it('are those with a lease that has not ended, where there are no Web Locks', async () => {
    const [open, closed] = [randomDocumentId(), randomDocumentId()];
    vi.stubGlobal('navigator', {});
    const device = new DeviceDatabase();
    const [lease, gone] = [
      new LeaseLock(`concord:${open}:`, device),
      new LeaseLock(`concord:${closed}:ann`, device),
    ];
    await lease.take('ifFree', holder);
    await gone.take('ifFree', holder);
    expect(await openDocumentIds()).toEqual(new Set([open, closed]));
    gone.pageGone();
    await vi.waitFor(async () => expect(await openDocumentIds()).toEqual(new Set([open])));
    lease.release();
    gone.release();
    await vi.waitFor(async () => expect(await openDocumentIds()).toEqual(new Set()));
    device.close();
  });
});
