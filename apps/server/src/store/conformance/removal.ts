/** The contract for purged documents: no rows remain but the tombstone, and no later write recreates them. */
import { gzipSync } from 'node:zlib';
import type { RenameId } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { DuplicateBatchError, DuplicateDocumentError, type Checkpoint } from '../ports/store.ts';
import { batchOf, clientId, emptyDocument, recordOf, renameTo } from '../test-batches.ts';
import { documentInvitationOf, linkOf, queryOf } from '../test-records.ts';
import { append, notes, plan, readAll, type Scene } from './scene.ts';

const checkpoint: Checkpoint = {
  version: 9,
  compressedText: gzipSync('text'),
  checksum: 1,
  lengthCodePoints: 4,
};

/** A document with a row in each table that can have one. */
async function fill({ store }: Scene, document: typeof plan): Promise<void> {
  await store.documents.createWithText(
    emptyDocument(recordOf(document, { title: 'Quarterly' }), 'editor'),
  );
  const renameId = 'r'.repeat(26) as RenameId;
  await store.documents.rename(document, renameTo('Quarterly', { renameId }), 3);
  await store.log.append(batchOf(document, 1, 3));
  await store.checkpoints.write(document, { ...checkpoint, version: 3 });
  await store.access.grant(document, 'bob', 'editor');
  await store.documentInvitations.invite(documentInvitationOf(`to-${document}`, document));
  await store.access.addLink(linkOf(`link-${document}`, document));
  await store.access.openLink(`link-${document}`, 'eve');
  await store.library.recordVisit('bob', document, 5);
  await store.library.setStarred('bob', document, true);
  await store.library.setFolder('bob', document, 'Work');
  await store.search.put(document, 3, 'numbers of the quarter');
}

async function expectNothingOf({ store }: Scene, document: typeof plan): Promise<void> {
  expect(await store.documents.get(document)).toBeNull();
  expect(await store.documents.ids()).not.toContain(document);
  expect(await store.documents.trashedBefore(1e9, 99)).not.toContain(document);
  expect(await store.log.headVersion(document)).toBe(0);
  expect(await store.log.read(document, 0, 99)).toEqual([]);
  expect(await store.log.positionOf(document, clientId('ann'), 'author-of-ann')).toBeNull();
  expect(await store.checkpoints.latest(document)).toBeNull();
  expect(await store.access.get(document)).toBeNull();
  expect(await store.access.revisions([document])).toEqual(new Map());
  expect(await store.access.links(document)).toEqual([]);
  expect(await store.documentInvitations.ofDocument(document, 1)).toEqual([]);
  expect(await store.access.linkOfToken(`hash-of-link-${document}`)).toBeNull();
  expect(await store.library.entry(document, 'bob')).toBeNull();
  for (const user of ['ann', 'bob', 'eve']) {
    for (const view of ['all', 'recent', 'starred', 'shared', 'trash'] as const) {
      const { entries } = await store.library.list(queryOf(user, { view }));
      expect(entries.map(({ id }) => id)).not.toContain(document);
    }
    const found = await store.library.list(queryOf(user, { search: 'quarter' }));
    expect(found.entries.map(({ id }) => id)).not.toContain(document);
  }
  expect(await store.search.behind(99, null)).not.toContain(document);
}

export function describeRemoval(scene: Scene): void {
  describe('a purged document', () => {
    it('is removed from each table, without affecting other documents', async () => {
      await fill(scene, plan);
      await fill(scene, notes);
      await scene.store.documents.remove(plan);
      for (const _ of ['open', 'reopened']) {
        await expectNothingOf(scene, plan);
        expect(await readAll(scene, notes)).toHaveLength(3);
        expect((await scene.store.access.get(notes))?.people.size).toBe(2);
        expect((await scene.store.access.get(notes))?.opened.get('eve')).toHaveLength(1);
        expect(await scene.store.library.folders('bob', 100)).toEqual([
          { name: 'Work', documents: 1 },
        ]);
        await scene.reopen();
      }
    });

    it('refuses further batches of any version', async () => {
      await fill(scene, plan);
      await scene.store.documents.remove(plan);
      for (const _ of ['open', 'reopened']) {
        for (const version of [1, 4]) {
          await expect(append(scene, batchOf(plan, version))).rejects.toThrow(DuplicateBatchError);
        }
        await expectNothingOf(scene, plan);
        await scene.reopen();
      }
    });

    it('is not recreated by a batch that was queued behind the purge', async () => {
      await fill(scene, plan);
      const { log, documents } = scene.store;
      const results = await Promise.allSettled([
        log.append(batchOf(plan, 4)),
        documents.remove(plan),
        log.append(batchOf(plan, 5)),
        log.append(batchOf(notes, 1)),
      ]);
      expect(results.map(({ status }) => status)).toEqual([
        ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
      ]);
      await expectNothingOf(scene, plan);
      expect(await log.headVersion(notes)).toBe(1);
    });

    it('keeps its id taken permanently', async () => {
      await fill(scene, plan);
      await scene.store.documents.remove(plan);
      for (const _ of ['open', 'reopened']) {
        const again = scene.store.documents.createWithText(emptyDocument(recordOf(plan), 'editor'));
        await expect(again).rejects.toThrow(DuplicateDocumentError);
        await expectNothingOf(scene, plan);
        await scene.reopen();
      }
    });

    it('is not partly recreated by any other write with its id', async () => {
      await fill(scene, plan);
      await scene.store.documents.remove(plan);
      const { documents, checkpoints, access, library, search } = scene.store;
      await documents.rename(plan, renameTo('Quarterly'), 7);
      await documents.setTrashed(plan, 7);
      await documents.remove(plan);
      await checkpoints.write(plan, checkpoint);
      await access.setAnyone(plan, 'editor');
      await access.grant(plan, 'bob', 'owner');
      expect(await access.revoke(plan, 'bob')).toBe(false);
      await access.addLink(linkOf(`link-${plan}`, plan));
      expect(await access.changeLink(plan, `link-${plan}`, { label: 'x' })).toBe(false);
      expect(await access.removeLink(plan, `link-${plan}`)).toBe(false);
      await access.openLink(`link-${plan}`, 'eve');
      await library.recordVisit('bob', plan, 7);
      await library.setStarred('bob', plan, true);
      await library.setFolder('bob', plan, 'Work');
      await search.put(plan, 9, 'quarter');
      await expectNothingOf(scene, plan);
      expect(await library.folders('bob', 100)).toEqual([]);
      await scene.reopen();
      await expectNothingOf(scene, plan);
    });

    it('may have never existed', async () => {
      await scene.store.documents.remove(plan);
      await scene.store.documents.createWithText(emptyDocument(recordOf(plan)));
      expect(await scene.store.documents.get(plan)).not.toBeNull();
    });
  });
}
