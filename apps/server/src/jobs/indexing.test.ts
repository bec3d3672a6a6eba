import { DocumentText } from '@concord/ot';
import { defaultLimits, randomDocumentId, type DocumentId } from '@concord/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import type { DocumentHandle } from '../documents/document-handle.ts';
import { firstText } from '../documents/new-document.ts';
import type { InProcessEvents } from '../platform/domain-events.ts';
import { testEvents } from '../platform/test-events.ts';
import { MemoryDisk, openMemoryStore } from '../store/memory/memory-store.ts';
import { CorruptionError, type Store } from '../store/ports/store.ts';
import { SearchIndexing } from './indexing.ts';

let disk: MemoryDisk;
let store: Store;
let events: InProcessEvents;
let indexing: SearchIndexing;
/** Whether this server is the one that sweeps. */
let isMyTurn: () => Promise<boolean>;
/** The documents in memory, and what each says now. */
let running: Map<DocumentId, { version: number; text: string }>;
/** What was put into the index, in order. */
let put: { id: DocumentId; version: number; text: string }[];
let putting: MockInstance<Store['search']['put']>;

beforeEach(() => {
  vi.useFakeTimers();
  disk = new MemoryDisk();
  store = openMemoryStore(disk);
  running = new Map();
  put = [];
  putting = vi
    .spyOn(store.search, 'put')
    .mockImplementation(async (id, version, text) => void put.push({ id, version, text }));
  events = testEvents();
  isMyTurn = async () => true;
  indexing = new SearchIndexing({
    store,
    events,
    isMyTurn: () => isMyTurn(),
    log: pino({ level: 'silent' }),
    handles: {
      inMemory: async (id) => {
        const found = running.get(id);
        if (found === undefined) return null;
        const { version, text } = found;
        const read = async () => ({ version, text: DocumentText.from(text) });
        return { text: read } as DocumentHandle;
      },
    },
  });
});
afterEach(async () => {
  await indexing.stop();
  await store.close();
  vi.useRealTimers();
});

const changed = (documentId: DocumentId): void =>
  void events.publish({ type: 'textChanged', documentId });

function inMemory(version = 1): DocumentId {
  const id = randomDocumentId();
  running.set(id, { version, text: 'text' });
  return id;
}

async function inStore(): Promise<DocumentId> {
  const id = randomDocumentId();
  const body = { id, title: '', text: 'stored', anyone: 'off', owner: 'o', folder: '' } as const;
  await store.documents.createWithText(firstText(defaultLimits, body));
  put = [];
  return id;
}

/** Neither its checkpoint is the text that was written, nor its log. */
async function damage(id: DocumentId): Promise<void> {
  const compressedText = new Uint8Array([1, 2, 3]);
  const checkpoint = { version: 1, compressedText, checksum: 1, lengthCodePoints: 6 };
  await store.checkpoints.write(id, checkpoint);
  const read = store.log.read.bind(store.log);
  vi.spyOn(store.log, 'read').mockImplementation((of, ...rest) =>
    of === id ? Promise.reject(new CorruptionError('damaged')) : read(of, ...rest),
  );
}

describe('while saving is paused', () => {
  it('nothing is put into the index, neither a changed document nor one of a sweep', async () => {
    const [written, behind] = [inMemory(), await inStore()];
    disk.setFull(true);
    indexing.start();
    changed(written);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(put).toEqual([]);
    disk.setFull(false);
    indexing.start();
    changed(written);
    await vi.advanceTimersByTimeAsync(120_000);
    await vi.waitFor(() => expect(new Set(put.map(({ id }) => id))).toEqual(new Set([written, behind]))); // prettier-ignore
  });
});

describe('a new document', () => {
  const created = (text: string | null): Promise<void> =>
    events.publish({ type: 'documentCreated', documentId: randomDocumentId(), version: 1, text });

  it('is in the index as soon as its event was delivered', async () => {
    await created('at once');
    expect(put.map(({ text }) => text)).toEqual(['at once']);
  });

  it('with a long text, or one that could not be indexed, is left to the next sweep', async () => {
    putting.mockRejectedValueOnce(new Error('no'));
    await created('not put');
    await created(null);
    expect(put).toEqual([]);
  });
});

describe('a changed document', () => {
  it('is indexed two seconds after its last change', async () => {
    const id = inMemory();
    changed(id);
    await vi.advanceTimersByTimeAsync(1_500);
    changed(id);
    running.set(id, { version: 2, text: 'other' });
    await vi.advanceTimersByTimeAsync(1_999);
    expect(put).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(put).toEqual([{ id, version: 2, text: 'other' }]);
  });

  it('is indexed every fifteen seconds while it keeps changing', async () => {
    const id = inMemory();
    for (let second = 0; second < 31; second += 1) {
      changed(id);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(put).toHaveLength(2);
  });

  it('is indexed after the one before it', async () => {
    const ids = [inMemory(), inMemory(), inMemory()];
    for (const id of ids) changed(id);
    let concurrent = 0;
    putting.mockImplementation(async () => {
      concurrent += 1;
      expect(concurrent).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 100));
      concurrent -= 1;
    });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(putting).toHaveBeenCalledTimes(3);
  });

  it('is read from the store when it was evicted, and skipped when it was deleted', async () => {
    const [kept, deleted] = [await inStore(), await inStore()];
    await store.documents.remove(deleted);
    changed(deleted);
    changed(kept);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(put).toEqual([{ id: kept, version: 1, text: 'stored' }]);
  });

  it('does not keep others from being indexed when it cannot be read', async () => {
    const damaged = await inStore();
    await damage(damaged);
    const id = inMemory();
    changed(damaged);
    changed(id);
    await vi.advanceTimersByTimeAsync(2_000);
    // Unpacking is done by another thread, whose time is not the test's.
    await vi.waitFor(() => expect(put).toMatchObject([{ id, version: 1 }]));
  });

  it('is left for the next start when the server stops', async () => {
    changed(inMemory());
    await indexing.stop();
    changed(inMemory());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(put).toEqual([]);
  });
});

describe('while another server sweeps, or may do so', () => {
  it.each([
    ['has its turn', async () => false],
    ['may have it', () => Promise.reject(new Error('not now'))],
  ])(
    'a server indexes what it owns, and nothing else, as long as the other %s',
    async (_what, turn) => {
      const [written, behind] = [inMemory(), await inStore()];
      isMyTurn = turn;
      indexing.start();
      changed(written);
      await vi.advanceTimersByTimeAsync(120_000);
      expect(put.map(({ id }) => id)).toEqual([written]);
      isMyTurn = async () => true;
      await vi.advanceTimersByTimeAsync(120_000);
      await vi.waitFor(() => expect(put.map(({ id }) => id)).toContain(behind));
    },
  );
});

describe('the start', () => {
  it('indexes all documents that were missing, and tries damaged ones once', async () => {
    const ids: DocumentId[] = [];
    for (let count = 0; count < 60; count += 1) ids.push(await inStore());
    const [damaged = expect.fail()] = ids;
    await damage(damaged);
    putting.mockRestore();
    // Asked for when the newest checkpoint is found damaged.
    const reading = vi.spyOn(store.checkpoints, 'versions');
    indexing.start();
    await vi.waitFor(async () => expect(await store.search.behind(100, null)).toEqual([damaged]));
    await indexing.stop();
    expect(reading.mock.calls.filter(([id]) => id === damaged)).toHaveLength(1);
  });
});
