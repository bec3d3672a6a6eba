/**
 * The contract of each store implementation. The test of an implementation calls `describeStore` with a function that
 * opens the store at a place: an arbitrary name whose store is empty at first and survives `close`.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeAccess } from './access.ts';
import { describeDocumentInvitations } from './document-invitations.ts';
import { describeAccounts } from './accounts.ts';
import { describeLibrary } from './library.ts';
import {
  batchOf,
  clientId,
  documentId,
  emptyDocument,
  operationBy,
  recordOf,
  renameTo,
} from '../test-batches.ts';
import {
  DuplicateBatchError,
  DuplicateDocumentError,
  StoreError,
  type Batch,
  type Checkpoint,
  type Store,
} from '../ports/store.ts';

export type OpenStore = (place: string) => Promise<Store>;

const plan = documentId('plan');
const notes = documentId('notes');
let places = 0;

export function describeStore(name: string, openStore: OpenStore): void {
  describe(name, () => {
    let place: string;
    let store: Store;
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await openStore(place);
    };
    beforeEach(async () => {
      place = `place-${++places}`;
      store = await openStore(place);
    });
    afterEach(() => store.close());

    const append = (batch: Batch): Promise<void> => store.log.append(batch);
    const readAll = (document = plan) => store.log.read(document, 0, 1_000);

    describe('log', () => {
      it('is empty for a document without operations', async () => {
        expect(await store.log.headVersion(plan)).toBe(0);
        expect(await readAll()).toEqual([]);
        expect(await store.log.positionOf(plan, clientId('ann'), 'author-of-ann')).toBeNull();
      });

      it('has what was appended, also after reopening (I1)', async () => {
        const first = batchOf(plan, 1, 2);
        const second = batchOf(plan, 3, 3, 'bob');
        await append(first);
        await append(second);
        for (const _ of ['open', 'reopened']) {
          expect(await store.log.headVersion(plan)).toBe(5);
          expect(await readAll()).toEqual([...first.operations, ...second.operations]);
          await reopen();
        }
        await append(batchOf(plan, 6));
        expect(await store.log.headVersion(plan)).toBe(6);
      });

      it.each([
        ['the taken version itself', 1, 3],
        ['a version inside a batch', 2, 1],
        ['an overlap that ends beyond the head', 3, 4],
        ['an overlap that starts at the last version', 5, 2],
        ['a gap', 7, 1],
        ['version 0', 0, 6],
      ])('refuses %s and keeps the log as it was (I3)', async (_what, firstVersion, count) => {
        await append(batchOf(plan, 1, 3));
        await append(batchOf(plan, 4, 2));
        const before = await readAll();
        for (const _ of ['open', 'reopened']) {
          await expect(append(batchOf(plan, firstVersion, count, 'eve'))).rejects.toThrow(
            DuplicateBatchError,
          );
          expect(await readAll()).toEqual(before);
          expect(await store.log.positionOf(plan, clientId('eve'), 'author-of-eve')).toBeNull();
          await reopen();
        }
        await append(batchOf(plan, 6));
      });

      it('refuses a gap at the start of an empty log', async () => {
        await expect(append(batchOf(plan, 2))).rejects.toThrow(DuplicateBatchError);
        expect(await store.log.headVersion(plan)).toBe(0);
        await append(batchOf(plan, 1));
      });

      it('refuses a batch without operations', async () => {
        const refused = append({ documentId: plan, firstVersion: 1, operations: [] });
        await expect(refused).rejects.toThrow(StoreError);
        await expect(refused).rejects.toMatchObject({ fatal: false });
        await append(batchOf(plan, 1));
      });

      it('accepts concurrent appends to many documents; one that fails does not affect the others', async () => {
        const documents = Array.from({ length: 40 }, (_, i) => documentId(`many-${i}-`));
        await append(batchOf(documents[20] ?? plan, 1, 2));
        const results = await Promise.allSettled(documents.map((id) => append(batchOf(id, 1, 2))));
        expect(results.map(({ status }) => status === 'fulfilled')).toEqual(
          documents.map((_, i) => i !== 20),
        );
        expect(results[20]).toMatchObject({ reason: expect.any(DuplicateBatchError) as unknown });
        await reopen();
        for (const id of documents) {
          expect(await readAll(id)).toEqual(batchOf(id, 1, 2).operations);
        }
      });

      it('accepts exactly one of several appends of the same version', async () => {
        const rivals = ['ann', 'bob', 'eve'].map((rival) => append(batchOf(plan, 1, 2, rival)));
        const results = await Promise.allSettled(rivals);
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await store.log.headVersion(plan)).toBe(2);
      });

      it('reads from any version, also within a batch, up to the limit', async () => {
        const batches = [batchOf(plan, 1, 1), batchOf(plan, 2, 4), batchOf(plan, 6, 3)];
        for (const batch of batches) await append(batch);
        await append(batchOf(notes, 1, 5, 'bob'));
        const all = batches.flatMap(({ operations }) => operations);
        for (let after = 0; after <= 9; after++) {
          for (let limit = 0; limit <= 9; limit++) {
            expect(await store.log.read(plan, after, limit)).toEqual(
              all.slice(after, after + limit),
            );
          }
        }
        expect(await store.log.read(plan, 3, Number.MAX_SAFE_INTEGER)).toEqual(all.slice(3));
      });

      it('returns the position of each client in each document', async () => {
        const operations = [
          operationBy('ann', 1),
          operationBy('bob', 1),
          operationBy('ann', 2),
          operationBy('eve', 7),
        ];
        await append({ documentId: plan, firstVersion: 1, operations });
        await append({ documentId: plan, firstVersion: 5, operations: [operationBy('bob', 2)] });
        await append({ documentId: notes, firstVersion: 1, operations: [operationBy('ann', 9)] });
        const position = (name: string, document = plan) =>
          store.log.positionOf(document, clientId(name), `author-of-${name}`);
        for (const _ of ['open', 'reopened']) {
          expect(await position('ann')).toEqual({ seq: 2, version: 3 });
          expect(await position('bob')).toEqual({ seq: 2, version: 5 });
          expect(await position('eve')).toEqual({ seq: 7, version: 4 });
          expect(await position('ann', notes)).toMatchObject({ seq: 9, version: 1 });
          expect(await position('bob', notes)).toBeNull();
          await reopen();
        }
      });

      it('distinguishes the operations of two people under one client id (I4)', async () => {
        const stolen = { ...operationBy('ann', 9), author: 'author-of-eve' };
        const operations = [operationBy('ann', 1), operationBy('ann', 2), stolen];
        await append({ documentId: plan, firstVersion: 1, operations });
        const position = (author: string) => store.log.positionOf(plan, clientId('ann'), author);
        for (const _ of ['open', 'reopened']) {
          expect(await position('author-of-ann')).toEqual({ seq: 2, version: 2 });
          expect(await position('author-of-eve')).toEqual({ seq: 9, version: 3 });
          expect(await position('author-of-bob')).toBeNull();
          await reopen();
        }
      });

      it.each([
        ['😀 emoji 👩‍👩‍👧‍👦'],
        ['e\u0301 combining, \u0000 null, \u2028 separator'],
        ['"double" \'single\' \\ back; DROP TABLE batches; --'],
        ['\ufeff mark, \ud7ff\ue000\uffff, tab\t, line\r\n'],
        ['long '.repeat(12_000)],
      ])('keeps every text as it is: %s', async (text) => {
        const operation = { ...operationBy('ann', 1), author: text, op: [text, { d: 3 }, 2, text] };
        await append({ documentId: plan, firstVersion: 1, operations: [operation] });
        await reopen();
        expect(await readAll()).toEqual([operation]);
        expect(await store.log.positionOf(plan, clientId('ann'), text)).toEqual({
          seq: 1,
          version: 1,
        });
      });
    });

    describe('documents', () => {
      it('are created once and found by id', async () => {
        const record = recordOf(plan, {
          title: 'Plán "B" 😀',
          createdAt: 1.7e12,
          updatedAt: 1.8e12,
        });
        expect(await store.documents.get(plan)).toBeNull();
        await store.documents.createWithText(emptyDocument(record));
        const again = store.documents.createWithText(
          emptyDocument(recordOf(plan, { title: 'other' })),
        );
        await expect(again).rejects.toThrow(DuplicateDocumentError);
        await store.documents.createWithText(emptyDocument(recordOf(notes)));
        await reopen();
        expect(await store.documents.get(plan)).toEqual({ ...record, titleVersion: 0 });
        expect([...(await store.documents.ids())].sort()).toEqual([plan, notes].sort());
      });

      it('with the same id created concurrently are created once', async () => {
        const results = await Promise.allSettled([
          store.documents.createWithText(emptyDocument(recordOf(plan))),
          store.documents.createWithText(emptyDocument(recordOf(plan))),
          store.documents.createWithText(emptyDocument(recordOf(notes))),
        ]);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      });

      it('are renamed if they exist', async () => {
        await store.documents.createWithText(emptyDocument(recordOf(plan)));
        await store.documents.rename(plan, renameTo('New "name" 😀'), 7);
        await store.documents.rename(notes, renameTo('nothing'), 7);
        await reopen();
        const renamed = recordOf(plan, { title: 'New "name" 😀', updatedAt: 7 });
        expect(await store.documents.get(plan)).toEqual({ ...renamed, titleVersion: 1 });
        expect(await store.documents.ids()).toEqual([plan]);
      });

      it('have the time of their newest operation as that of their last change', async () => {
        await store.documents.createWithText(emptyDocument(recordOf(plan)));
        await store.documents.createWithText(emptyDocument(recordOf(notes)));
        const operations = [operationBy('ann', 1, 'x', 50), operationBy('ann', 2, 'x', 60)];
        await append({ documentId: plan, firstVersion: 1, operations });
        const late = { ...operationBy('eve', 1), at: 99 };
        await append({ documentId: plan, firstVersion: 1, operations: [late] }).catch(() => {});
        expect(await store.documents.get(plan)).toMatchObject(recordOf(plan, { updatedAt: 60 }));
        expect(await store.documents.get(notes)).toMatchObject(recordOf(notes));
      });

      it('that were purged leave nothing but a tombstone of their id (I1)', async () => {
        await store.documents.createWithText(
          emptyDocument(recordOf(plan, { createdBy: 'ann' }), 'editor'),
        );
        await append(batchOf(plan, 1, 3));
        await store.search.put(plan, 3, 'some text');
        await store.documents.remove(plan);
        for (const _ of ['open', 'reopened']) {
          expect(await store.documents.get(plan)).toBeNull();
          expect(await store.access.get(plan)).toBeNull();
          expect(await store.log.headVersion(plan)).toBe(0);
          expect(await readAll()).toEqual([]);
          // An append in flight must not recreate it.
          await expect(append(batchOf(plan, 4))).rejects.toThrow(DuplicateBatchError);
          await expect(append(batchOf(plan, 1))).rejects.toThrow(DuplicateBatchError);
          const again = store.documents.createWithText(emptyDocument(recordOf(plan)));
          await expect(again).rejects.toThrow(DuplicateDocumentError);
          expect(await store.documents.ids()).toEqual([]);
          await reopen();
        }
      });

      it('in the trash are found by the time of their deletion', async () => {
        for (const id of [plan, notes])
          await store.documents.createWithText(emptyDocument(recordOf(id)));
        await store.documents.setTrashed(plan, 100);
        await store.documents.setTrashed(notes, 200);
        expect(await store.documents.trashedBefore(200, 10)).toEqual([plan]);
        expect(await store.documents.trashedBefore(201, 1)).toEqual([plan]);
        await store.documents.setTrashed(plan, null);
        expect(await store.documents.trashedBefore(300, 10)).toEqual([notes]);
        expect(await store.access.get(plan)).toMatchObject({ isTrashed: false, epoch: 3 });
      });
    });

    describeAccess(() => store, reopen);
    describeDocumentInvitations(() => store, reopen);
    describeLibrary(() => store);
    describeAccounts(() => store, reopen);

    it('stores the names of people', async () => {
      expect(await store.people.nameOf('ann')).toBeNull();
      await store.people.setName('ann', 'Ann');
      await store.people.setName('ann', 'Anne "O\'Neil" 😀');
      await reopen();
      expect(await store.people.nameOf('ann')).toBe('Anne "O\'Neil" 😀');
      expect(await store.people.nameOf('bob')).toBeNull();
    });

    describe('checkpoints', () => {
      const checkpointAt = (version: number, text: string): Checkpoint => ({
        version,
        compressedText: gzipSync(text),
        checksum: 0xffff_fff0 + version,
        lengthCodePoints: text.length,
      });

      it('are kept per document, several of each; the newest is found whatever the order of writes', async () => {
        expect(await store.checkpoints.latest(plan)).toBeNull();
        expect(await store.checkpoints.versions(plan)).toEqual([]);
        const latest = checkpointAt(5_000, 'five '.repeat(50_000));
        await store.checkpoints.write(plan, checkpointAt(1_000, 'one'));
        await store.checkpoints.write(plan, latest);
        await store.checkpoints.write(plan, checkpointAt(3_000, 'three'));
        await store.checkpoints.write(notes, checkpointAt(1, 'one'));
        for (const _ of ['open', 'reopened']) {
          const found = await store.checkpoints.latest(plan);
          expect(found).toMatchObject({ version: 5_000, checksum: latest.checksum });
          expect(found?.lengthCodePoints).toBe(latest.lengthCodePoints);
          expect(gunzipSync(found?.compressedText ?? '').toString()).toBe('five '.repeat(50_000));
          expect(await store.checkpoints.versions(plan)).toEqual([5_000, 3_000, 1_000]);
          await reopen();
        }
      });

      it('are found at or before a version', async () => {
        for (const version of [1_000, 3_000, 5_000]) {
          await store.checkpoints.write(plan, checkpointAt(version, `at ${version}`));
        }
        const found = async (version: number): Promise<string | null> => {
          const checkpoint = await store.checkpoints.atOrBefore(plan, version);
          return checkpoint && gunzipSync(checkpoint.compressedText).toString();
        };
        expect(await found(999)).toBeNull();
        expect(await found(1_000)).toBe('at 1000');
        expect(await found(2_999)).toBe('at 1000');
        expect(await found(4_999)).toBe('at 3000');
        expect(await found(9_999)).toBe('at 5000');
        expect(await store.checkpoints.atOrBefore(notes, 9_999)).toBeNull();
      });

      it('are thinned, however many are written', async () => {
        for (let version = 1; version <= 60; version++) {
          await store.checkpoints.write(plan, checkpointAt(version, `at ${version}`));
        }
        const versions = await store.checkpoints.versions(plan);
        expect(versions[0]).toBe(60);
        expect(versions.length).toBeLessThan(10);
      });

      it('of one version are kept once, and the last write wins', async () => {
        await store.checkpoints.write(plan, checkpointAt(3, 'before'));
        await store.checkpoints.write(plan, checkpointAt(3, 'after'));
        const found = await store.checkpoints.latest(plan);
        expect(gunzipSync(found?.compressedText ?? '').toString()).toBe('after');
        expect(await store.checkpoints.versions(plan)).toEqual([3]);
      });

      it('are discarded from a version on when they are damaged, and can be written again', async () => {
        await store.checkpoints.discardAfter(plan, 0);
        for (const version of [1_000, 3_000, 5_000]) {
          await store.checkpoints.write(plan, checkpointAt(version, `at ${version}`));
        }
        await store.checkpoints.write(notes, checkpointAt(4_000, 'four'));
        await store.checkpoints.discardAfter(plan, 1_000);
        expect(await store.checkpoints.versions(plan)).toEqual([1_000]);
        expect(await store.checkpoints.latest(notes)).toMatchObject({ version: 4_000 });
        await store.checkpoints.write(plan, checkpointAt(2_000, 'two'));
        await reopen();
        expect(await store.checkpoints.latest(plan)).toMatchObject({ version: 2_000 });
      });

      it('do not detach the buffers of the caller', async () => {
        const checkpoint = checkpointAt(1, 'text');
        await store.checkpoints.write(plan, checkpoint);
        expect(gunzipSync(checkpoint.compressedText).toString()).toBe('text');
      });
    });

    it('keeps a history id that is unique to the store', async () => {
      const { historyId } = store;
      await reopen();
      expect(store.historyId).toBe(historyId);
      const other = await openStore(`${place}-other`);
      expect(other.historyId).not.toBe(historyId);
      await other.close();
    });

    it('finishes pending writes on close, and accepts no further ones', async () => {
      const appends = [batchOf(plan, 1, 2), batchOf(notes, 1), batchOf(plan, 3)].map(append);
      const created = store.documents.createWithText(emptyDocument(recordOf(plan)));
      const read = readAll(notes);
      await store.close();
      await Promise.all([...appends, created, read]);
      await expect(append(batchOf(plan, 4))).rejects.toThrow(StoreError);
      await expect(store.log.headVersion(plan)).rejects.toThrow(StoreError);
      await store.close();
      store = await openStore(place);
      expect(await store.log.headVersion(plan)).toBe(3);
      expect(await store.documents.get(plan)).not.toBeNull();
    });
  });
}
