/** Documents whose checkpoint or log is damaged: what can be made again is, the rest is refused and counted. */
import { DocumentText } from '@concord/ot';
import {
  defaultLimits,
  randomClientId,
  randomDocumentId,
  type DocumentId,
} from '@concord/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { firstText } from './new-document.ts';
import { testEvents } from '../platform/test-events.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import { CorruptionError, type Store } from '../store/ports/store.ts';
import { DamageScan } from './damage-scan.ts';
import { DocumentRegistry } from './document-registry.ts';
import { checkpointOf, textAtVersion } from './open-document.ts';

const log = pino({ level: 'silent' });
let store: Store;
let documents: DocumentRegistry;
let metrics: ServerMetrics;

beforeEach(() => {
  store = openMemoryStore();
  metrics = new ServerMetrics();
  documents = new DocumentRegistry({
    ...{ store, limits: defaultLimits, metrics, log, events: testEvents() },
    fatal: (error) => {
      throw error;
    },
  });
  documents.connect({
    ...{ send: vi.fn(), broadcast: vi.fn(), joined: vi.fn(), unjoined: vi.fn() },
    dismissed: vi.fn(),
    diverged: vi.fn(),
  });
});
afterEach(async () => {
  await documents.stop();
  await store.close();
});

async function written(text: string): Promise<DocumentId> {
  const id = randomDocumentId();
  const document = { id, title: '', text, anyone: 'off', owner: 'ann', folder: '' } as const;
  await store.documents.createWithText(firstText(defaultLimits, document));
  const opened = await documents.open(id);
  if (opened === null) throw new Error('not created');
  await store.checkpoints.write(id, await checkpointOf(opened.text, opened.version));
  await opened.stop();
  return id;
}

const damagedAt = (id: DocumentId) => new CorruptionError(`Document ${id} is damaged.`);

/** Reading this document's log fails from now on. */
function damageLog(id: DocumentId): void {
  const read = store.log.read.bind(store.log);
  vi.spyOn(store.log, 'read').mockImplementation((of, ...rest) =>
    of === id ? Promise.reject(damagedAt(id)) : read(of, ...rest),
  );
}

const damagedInMetrics = async (): Promise<string | undefined> =>
  /^concord_documents_damaged (\d+)$/m.exec(await metrics.text())?.[1];

it('a damaged checkpoint is made again from the log, and is good for the next opening', async () => {
  const id = await written('the text');
  const good = await store.checkpoints.latest(id);
  if (good === null) throw new Error('no checkpoint');
  await store.checkpoints.discardAfter(id, 0);
  await store.checkpoints.write(id, { ...good, checksum: good.checksum + 1 });
  expect((await documents.open(id))?.text.toString()).toBe('the text');
  await vi.waitFor(async () => {
    expect((await store.checkpoints.latest(id))?.checksum).toBe(good.checksum);
  });
  expect(await damagedInMetrics()).toBe('0');
});

/** A document with a long log: version 1 is 'the text', each later one puts an x before it. */
async function long(until: number): Promise<DocumentId> {
  const id = await written('the text');
  const operations = Array.from({ length: until - 1 }, (_, place) => ({
    ...{ clientId: randomClientId(), seq: place + 1, author: 'ann', at: 1 },
    op: ['x'],
  }));
  await store.log.append({ documentId: id, firstVersion: 2, operations });
  return id;
}

const textAfter = (version: number): DocumentText =>
  DocumentText.from(`${'x'.repeat(version - 1)}the text`);

it('without its newest checkpoint the text is made from an older one, not from the whole log', async () => {
  const id = await long(2_000);
  await store.checkpoints.write(id, await checkpointOf(textAfter(1_500), 1_500));
  const newest = await checkpointOf(textAfter(2_000), 2_000);
  await store.checkpoints.write(id, { ...newest, checksum: newest.checksum + 1 });
  const read = vi.spyOn(store.log, 'read');
  expect((await documents.open(id))?.text.toString()).toBe(textAfter(2_000).toString());
  expect(read.mock.calls.map(([, afterVersion]) => afterVersion)).toContain(1_500);
  expect(read.mock.calls.map(([, afterVersion]) => afterVersion)).not.toContain(0);
  await vi.waitFor(async () => {
    expect((await store.checkpoints.latest(id))?.checksum).toBe(newest.checksum);
  });
  expect(await store.checkpoints.versions(id)).toEqual([2_000, 1_500, 1]);
});

it('a text of long ago is made from the checkpoint before it', async () => {
  const id = await long(2_000);
  for (const version of [1_000, 2_000]) {
    await store.checkpoints.write(id, await checkpointOf(textAfter(version), version));
  }
  const read = vi.spyOn(store.log, 'read');
  expect((await textAtVersion(store, id, 1_003)).toString()).toBe(textAfter(1_003).toString());
  expect(read.mock.calls).toEqual([[id, 1_000, 3]]);
});

it('a checkpoint that is newer than the log is not served: the newest changes are missing', async () => {
  const id = await written('the text');
  const good = await store.checkpoints.latest(id);
  if (good === null) throw new Error('no checkpoint');
  await store.checkpoints.write(id, { ...good, version: good.version + 5 });
  vi.spyOn(store.log, 'headVersion').mockResolvedValue(0);
  await expect(documents.open(id)).rejects.toThrow(/ends at version 0.*newest changes are missing/);
  expect(await damagedInMetrics()).toBe('1');
});

it('a damaged log and a damaged checkpoint are refused and counted once, the others opened', async () => {
  const [good, bad] = [await written('good'), await written('bad')];
  await store.checkpoints.discardAfter(bad, 0);
  damageLog(bad);
  await expect(documents.open(bad)).rejects.toThrow(CorruptionError);
  await expect(documents.open(bad)).rejects.toThrow(CorruptionError);
  expect(await damagedInMetrics()).toBe('1');
  expect((await documents.open(good))?.text.toString()).toBe('good');
});

it('a document that cannot be written to because of damage is not opened again', async () => {
  const id = await written('the text');
  const document = await documents.open(id);
  vi.spyOn(store.log, 'append').mockRejectedValue(damagedAt(id));
  const edit = { userId: 'ann', baseVersion: document?.version ?? 0, operations: [['more']] };
  await expect(document?.edit(edit)).rejects.toMatchObject({ code: 'storeUnavailable' });
  await expect(documents.open(id)).rejects.toThrow(CorruptionError);
  expect(await damagedInMetrics()).toBe('1');
});

it('damage is known before the document is opened: behind the checkpoint always, before it on demand', async () => {
  const [, bad] = [await written('good'), await written('bad')];
  damageLog(bad);
  const scan = new DamageScan({ store, damaged: documents.damaged, log });
  // The damage of this double is anywhere in the log, and a log is not read where nothing is behind the checkpoint.
  vi.spyOn(store.checkpoints, 'latest').mockResolvedValue(null);
  scan.start();
  await vi.waitFor(() => expect(documents.damaged.count).toBe(1));
  await scan.stop();
});
