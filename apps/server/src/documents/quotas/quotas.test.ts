import { randomDocumentId } from '@concord/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryDisk, openMemoryStore } from '../../store/memory/memory-store.ts';
import type { Store } from '../../store/ports/store.ts';
import { Quotas, writerOf, type Writer } from './quotas.ts';
import { emptyDocument } from '../../store/test-batches.ts';

const HOUR_MS = 3_600_000;
const guest = { documents: 3, bytes: 1_000, bytesPerDay: 600 };
const account = { documents: null, bytes: null, bytesPerDay: null };
const id = randomDocumentId();

let disk: MemoryDisk;
let store: Store;
let now: number;
let quotas: Quotas;
function withLimits(addressBytesPerDay: number | null): void {
  const limits = { guest, account, addressBytesPerDay };
  const onError = (error: unknown): never => expect.fail(String(error));
  quotas = new Quotas({ store, limits, onError, now: () => now, wallNow: () => 1e12 + now });
}
beforeEach(async () => {
  now = 0;
  disk = new MemoryDisk();
  store = openMemoryStore(disk);
  const record = { id, title: '', createdBy: 'ann', createdAt: 1, updatedAt: 1 };
  await store.documents.createWithText(emptyDocument(record));
  withLimits(null);
});
const from = (userId: string, address = '192.0.2.1'): Writer =>
  writerOf({ kind: 'guest', userId }, address);
const code = (writer: Writer, cost: number): string =>
  quotas.admit(writer, id, cost)?.code ?? 'stored';

describe('a quota', () => {
  it('of bytes a day is used up, and refills gradually', () => {
    expect(code(from('ann'), 500)).toBe('stored');
    expect(code(from('ann'), 500)).toBe('stored');
    expect(code(from('ann'), 1)).toBe('quotaExceeded');
    expect(code(from('bob'), 1)).toBe('stored');
    now += 17 * HOUR_MS;
    expect(code(from('ann'), 1)).toBe('stored');
  });

  it('of bytes in all survives a restart, and is freed by purging a document', async () => {
    quotas.charge(from('ann'), id, 1_000);
    await quotas.flush();
    withLimits(null);
    await quotas.know('ann');
    expect(code(from('ann'), 1)).toBe('quotaExceeded');
    await store.documents.remove(id);
    now += HOUR_MS;
    await quotas.know('ann');
    expect(code(from('ann'), 1)).toBe('stored');
  });

  it('of bytes a day survives a restart too, and refills while the server is stopped', async () => {
    withLimits(4_000);
    expect(code(from('ann'), 600)).toBe('stored');
    expect(code(from('ann'), 1)).toBe('quotaExceeded');
    await quotas.flush();
    withLimits(4_000);
    await quotas.takeUp();
    expect(code(from('ann'), 1)).toBe('quotaExceeded');
    expect(code(from('bob'), 1)).toBe('quotaExceeded');
    expect(code(from('bob', '192.0.2.2'), 1)).toBe('stored');
    now += 24 * HOUR_MS;
    withLimits(4_000);
    await quotas.takeUp();
    expect(code(from('ann'), 1)).toBe('stored');
    await quotas.flush();
    now += 49 * HOUR_MS;
    quotas.charge(from('eve'), id, 1);
    await quotas.flush();
    expect((await store.usage.days()).map(({ bucket }) => bucket)).toEqual([
      ...['guests of 192.0.2.1', 'person eve'],
    ]);
  });

  it('of an address is shared by all its guests, and by all addresses of its network', () => {
    withLimits(2_500);
    expect(code(from('ann', '2001:db8:1:2::1'), 100)).toBe('stored');
    expect(code(from('bob', '2001:db8:1:2::1'), 1)).toBe('quotaExceeded');
    expect(code(from('eve', '2001:db8:1:2:ffff::9'), 1)).toBe('quotaExceeded');
    expect(code(from('eve', '2001:db8:1:3::1'), 1)).toBe('stored');
    now += HOUR_MS;
    expect(code(from('bob', '2001:db8:1:2::1'), 1)).toBe('stored');
  });

  it('that is off refuses nothing; a full disk refuses all writers', () => {
    const writer: Writer = { userId: 'ann', hasAccount: true, network: 'here' };
    expect(code(writer, 1e12)).toBe('stored');
    expect(code(writer, 1)).toBe('stored');
    disk.setFull(true);
    expect(code(writer, 1)).toBe('storeUnavailable');
    disk.setFull(false);
    expect(code(writer, 1)).toBe('stored');
  });
});

it('recent writes count towards the quota before they are in the store', async () => {
  quotas.charge(from('ann'), id, 70);
  expect(await quotas.usedBy('ann')).toEqual({ documents: 1, bytes: 70 });
  await quotas.flush();
  expect(await quotas.usedBy('ann')).toEqual({ documents: 1, bytes: 70 });
  expect(await store.usage.of('ann')).toEqual({ documents: 1, bytes: 70 });
});
