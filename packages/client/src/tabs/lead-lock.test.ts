import 'fake-indexeddb/auto';
import { randomClientId } from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeviceDatabase } from '../adapters/device-database.ts';
import { FakeLockManager } from './fake-lock-manager.ts';
import { fakeStorage } from './fake-storage.ts';
import type { LeadHolder, LeadLock } from './lead-lock.ts';
import { LeaseLock, LeasingPage } from './lease-lock.ts';
import { WebLock } from './web-lock.ts';

const name = 'concord:document:person';
let devices: DeviceDatabase[] = [];
let database = '';
let locks: FakeLockManager;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  });
  database = `concord-${randomClientId()}`;
  locks = new FakeLockManager();
  vi.stubGlobal('localStorage', fakeStorage());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  for (const device of devices) device.close();
  devices = [];
});

/** The database of another tab: each has its own connection. */
function deviceOfTab(): DeviceDatabase {
  const device = new DeviceDatabase(database);
  devices.push(device);
  return device;
}

const leaseOfTab = (device = deviceOfTab(), page = new LeasingPage()): LeaseLock =>
  new LeaseLock(name, device, page);

/** Advances the fake clock, and lets pending database requests complete in real time. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed <= ms; passed += 50) {
    await vi.advanceTimersByTimeAsync(50);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  }
}

/** Holds the result of `take` once it has resolved. */
function answerOf(taken: Promise<boolean>): { value: boolean | null } {
  const answer: { value: boolean | null } = { value: null };
  void taken.then((isHad) => (answer.value = isHad));
  return answer;
}

/** Counts how often the lead was taken from it by force. */
class Holder implements LeadHolder {
  timesLost = 0;
  readonly #mayForce: boolean;
  constructor(mayForce: boolean) {
    this.#mayForce = mayForce;
  }
  lost(): void {
    this.timesLost++;
  }
  mayForce(): boolean {
    return this.#mayForce;
  }
}
const holder = (mayForce = true): Holder => new Holder(mayForce);

for (const { kind, lockOfTab } of [
  { kind: 'a Web Lock', lockOfTab: (): LeadLock => new WebLock(name, locks.asManager) },
  { kind: 'a lease', lockOfTab: (): LeadLock => leaseOfTab() },
]) {
  describe(`the lead by ${kind}`, () => {
    it('is held by one tab until it releases it', async () => {
      const [first, second] = [lockOfTab(), lockOfTab()];
      expect(await first.take('ifFree', holder())).toBe(true);
      expect(await second.take('ifFree', holder())).toBe(false);
      const waiting = answerOf(second.take('wait', holder()));
      await pass(1_000);
      expect(waiting.value).toBeNull();
      first.release();
      await pass(200);
      expect(waiting.value).toBe(true);
      expect(await first.take('ifFree', holder())).toBe(false);
      second.release();
    });

    it('is kept by a live tab indefinitely', async () => {
      const [first, second] = [lockOfTab(), lockOfTab()];
      const former = holder();
      await first.take('ifFree', former);
      await pass(12_000);
      expect(await second.take('ifFree', holder())).toBe(false);
      expect(former.timesLost).toBe(0);
      first.release();
    });

    it('is taken by force after three seconds, and its former holder is notified once', async () => {
      const [first, second] = [lockOfTab(), lockOfTab()];
      const former = holder();
      await first.take('ifFree', former);
      const waiting = answerOf(second.take('wait', holder()));
      await pass(2_800);
      expect(waiting.value).toBeNull();
      await pass(400);
      expect(waiting.value).toBe(true);
      await pass(1_500);
      expect(former.timesLost).toBe(1);
      // The former holder's release has no effect.
      first.release();
      await pass(1_500);
      expect(await first.take('ifFree', holder())).toBe(false);
      second.release();
    });

    it('is not taken by force by a tab whose `mayForce` is false', async () => {
      const [first, second] = [lockOfTab(), lockOfTab()];
      const former = holder();
      await first.take('ifFree', former);
      const waiting = answerOf(second.take('wait', holder(false)));
      await pass(4_000);
      expect(waiting.value).toBe(false);
      expect(former.timesLost).toBe(0);
      first.release();
    });
  });
}

describe('a lease', () => {
  it('expires when its tab crashes', async () => {
    const [crashed, next] = [deviceOfTab(), leaseOfTab()];
    const until = Date.now() + 5_000;
    const open = await crashed.open();
    await open.put('leases', { holder: 'crashed', untilMs: until }, name);
    expect(await next.take('ifFree', holder())).toBe(false);
    expect(await LeaseLock.heldNames(crashed)).toEqual([name]);
    await pass(5_100);
    expect(await LeaseLock.heldNames(crashed)).toEqual([]);
    expect(await next.take('ifFree', holder())).toBe(true);
    next.release();
  });

  it('of a page that is unloaded is free at once, and is valid again when the page is restored', async () => {
    const page = new LeasingPage();
    const device = deviceOfTab();
    const [first, second] = [leaseOfTab(deviceOfTab(), page), leaseOfTab(device)];
    await first.take('ifFree', holder());
    page.gone();
    expect(await LeaseLock.heldNames(device)).toEqual([]);
    // Restored before another tab took the lease.
    page.back();
    expect(await second.take('ifFree', holder())).toBe(false);
    page.gone();
    expect(await second.take('ifFree', holder())).toBe(true);
    expect(await LeaseLock.heldNames(device)).toEqual([name]);
    second.release();
    first.release();
  });

  it('is neither taken nor renewed by an unloading page that still runs', async () => {
    const page = new LeasingPage();
    const device = deviceOfTab();
    const [first, second] = [leaseOfTab(deviceOfTab(), page), leaseOfTab(deviceOfTab(), page)];
    await first.take('ifFree', holder());
    expect(await second.take('ifFree', holder())).toBe(false);
    const waiting = answerOf(second.take('wait', holder()));
    page.gone();
    await pass(1_200);
    expect(waiting.value).toBe(false);
    expect(await second.take('ifFree', holder())).toBe(false);
    expect(await LeaseLock.heldNames(device)).toEqual([]);
    const untilMs = async (): Promise<number | undefined> =>
      (await (await device.open()).get('leases', name))?.untilMs;
    const left = await untilMs();
    await pass(1_200);
    expect(await untilMs()).toBe(left);
    page.back();
    await pass(1_200);
    expect(await untilMs()).toBeGreaterThan(left ?? 0);
    first.release();
  });

  it('of an unloading page expires by its TTL where localStorage is unavailable', async () => {
    vi.stubGlobal('localStorage', undefined);
    const page = new LeasingPage();
    const [first, second] = [leaseOfTab(deviceOfTab(), page), leaseOfTab()];
    await first.take('ifFree', holder());
    page.gone();
    expect(await second.take('ifFree', holder())).toBe(false);
    await pass(5_100);
    expect(await second.take('ifFree', holder())).toBe(true);
    second.release();
  });

  it('leaves no tombstone for longer than its TTL', async () => {
    const page = new LeasingPage();
    const device = deviceOfTab();
    const first = leaseOfTab(device, page);
    await first.take('ifFree', holder());
    first.release();
    page.gone();
    await pass(5_100);
    const second = leaseOfTab();
    await second.take('ifFree', holder());
    expect(await (await device.open()).getAllKeys('leases')).toEqual([name]);
    expect(Object.keys(localStorage)).toEqual([]);
    second.release();
  });

  it('is not renewed by a timer after its release', async () => {
    const first = leaseOfTab();
    const second = leaseOfTab();
    await first.take('ifFree', holder());
    first.release();
    await pass(3_000);
    expect(await second.take('ifFree', holder())).toBe(true);
    second.release();
  });
});

describe('a Web Lock', () => {
  it('is not required where the browser denies locks: each tab leads for itself', async () => {
    const denied = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) };
    const lock = new WebLock(name, denied as unknown as LockManager);
    expect(await lock.take('ifFree', holder())).toBe(true);
    expect(await lock.take('wait', holder())).toBe(true);
    lock.release();
  });
});
