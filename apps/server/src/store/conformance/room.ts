/** A disk that is almost full: saving is paused, reading goes on. */
import { describe, expect, it } from 'vitest';
import { StoreFullError, type Store } from '../ports/store.ts';
import { batchOf, recordOf, renameTo } from '../test-batches.ts';
import { linkOf } from '../test-records.ts';
import { notes, plan } from './scene.ts';

export interface FillingScene {
  readonly store: Store;
  /** Makes the disk full, or gives it room again; resolves when the store has noticed. */
  setFull(isFull: boolean): Promise<void>;
}

export function describeRoom(scene: FillingScene): void {
  describe('on a disk that is almost full', () => {
    it('what brings something is refused with nothing written, and reading goes on', async () => {
      await scene.store.documents.create(recordOf(plan), 'off');
      await scene.store.log.append(batchOf(plan, 1, 2));
      await scene.setFull(true);
      expect(scene.store.room.current().isPaused).toBe(true);
      const { store } = scene;
      const checkpoint = { version: 2, compressedText: new Uint8Array(9), checksum: 1, lengthCodePoints: 9 }; // prettier-ignore
      const refused = [
        store.log.append(batchOf(plan, 3)),
        store.documents.create(recordOf(notes), 'off'),
        store.documents.rename(plan, renameTo('New'), 9),
        store.checkpoints.write(plan, checkpoint),
        store.access.addLink(linkOf('link', plan)),
        store.people.setName('ann', 'Ann'),
      ];
      for (const write of refused) {
        await expect(write).rejects.toThrow(StoreFullError);
        await expect(write).rejects.toMatchObject({ fatal: false });
      }
      expect(await store.log.headVersion(plan)).toBe(2);
      expect(await store.log.read(plan, 0, 9)).toEqual(batchOf(plan, 1, 2).operations);
      expect(await store.documents.get(plan)).toMatchObject(recordOf(plan, { updatedAt: 2 }));
      expect(await store.documents.get(notes)).toBeNull();
    });

    it('what frees room or takes access away is written', async () => {
      await scene.store.documents.create(recordOf(plan), 'editor');
      await scene.store.documents.create(recordOf(notes), 'editor');
      await scene.setFull(true);
      const { store } = scene;
      await store.documents.setTrashed(plan, 5);
      await store.access.setAnyone(notes, 'off');
      await store.authSessions.endAllOf('ann', null);
      await store.documents.remove(plan);
      expect(await store.documents.ids()).toEqual([notes]);
      expect(await store.access.get(notes)).toMatchObject({ anyone: 'off' });
    });

    it('saving goes on by itself with the next version as soon as there is room', async () => {
      await scene.store.documents.create(recordOf(plan), 'off');
      await scene.store.log.append(batchOf(plan, 1, 2));
      await scene.setFull(true);
      await expect(scene.store.log.append(batchOf(plan, 3))).rejects.toThrow(StoreFullError);
      await scene.setFull(false);
      expect(scene.store.room.current().isPaused).toBe(false);
      await scene.store.log.append(batchOf(plan, 3));
      expect(await scene.store.log.headVersion(plan)).toBe(3);
    });
  });
}
