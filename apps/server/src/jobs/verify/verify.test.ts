/** What `concord verify` finds in one document, whose log it reads from the beginning. */
import { DocumentText } from '@concord/ot';
import { defaultLimits, randomDocumentId } from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { firstText } from '../../documents/new-document.ts';
import { checkpointOf } from '../../documents/open-document.ts';
import { openMemoryStore } from '../../store/memory/memory-store.ts';
import { CorruptionError, type Store } from '../../store/ports/store.ts';
import { verifyDocument } from './verify.ts';

const id = randomDocumentId();
let store: Store;

beforeEach(async () => {
  store = openMemoryStore();
  const document = { id, title: '', text: 'the text', anyone: 'off', owner: 'ann', folder: '' };
  await store.documents.createWithText(firstText(defaultLimits, { ...document, anyone: 'off' }));
  await store.checkpoints.write(id, await checkpointOf(DocumentText.from('the text'), 1));
});
afterEach(() => store.close());

const faults = async (): Promise<readonly string[]> => (await verifyDocument(store, id)).faults;

it('a sound document has no faults', async () => {
  expect(await faults()).toEqual([]);
});

it('damage in the log is a fault, also before the checkpoint', async () => {
  const read = store.log.read.bind(store.log);
  vi.spyOn(store.log, 'read').mockImplementation((of, afterVersion, limit) =>
    afterVersion === 0
      ? Promise.reject(new CorruptionError('This batch is damaged.'))
      : read(of, afterVersion, limit),
  );
  expect(await faults()).toEqual(['Version 0: This batch is damaged.']);
});

it('a checkpoint with another text than the log gives is a fault', async () => {
  await store.checkpoints.discardAfter(id, 0);
  await store.checkpoints.write(id, await checkpointOf(DocumentText.from('another'), 1));
  expect(await faults()).toEqual(['The checkpoint at version 1 differs from the log.']);
});

it('a checkpoint of a version that the log does not reach is a fault', async () => {
  await store.checkpoints.discardAfter(id, 0);
  await store.checkpoints.write(id, await checkpointOf(DocumentText.from('the text'), 3));
  expect(await faults()).toEqual(['A checkpoint is of version 3, the log ends at 1.']);
});

it('a head and a position that the log does not have are faults', async () => {
  vi.spyOn(store.log, 'headVersion').mockResolvedValue(2);
  vi.spyOn(store.log, 'positionOf').mockResolvedValue(null);
  expect(await faults()).toEqual([
    expect.stringMatching(/at change 1, its position says nothing\.$/) as unknown,
    'The log ends at 1, but its head says 2.',
  ]);
});

it('an epoch that falls along the log is a fault: two owners wrote at once', async () => {
  vi.spyOn(store.log, 'epoch').mockResolvedValue(4);
  vi.spyOn(store.log, 'epochs').mockResolvedValue([
    { version: 1, epoch: 0 },
    { version: 8, epoch: 5 },
    { version: 9, epoch: 3 },
    { version: 12, epoch: 4 },
  ]);
  expect(await faults()).toEqual([
    'Version 9: written by an owner of epoch 3, after one of epoch 5.',
  ]);
});

it.each([0, 9])(
  'a log that is checked against another epoch than its last, %s, is a fault',
  async (known) => {
    vi.spyOn(store.log, 'epochs').mockResolvedValue([{ version: 1, epoch: 3 }]);
    vi.spyOn(store.log, 'epoch').mockResolvedValue(known);
    expect(await faults()).toEqual([
      `The log ends with epoch 3, but appends are checked against ${known}.`,
    ]);
  },
);
