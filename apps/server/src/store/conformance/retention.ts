/** The time by which things are deleted for their age. */
import { describe, expect, it } from 'vitest';
import { emptyDocument, recordOf } from '../test-batches.ts';
import { plan, type Scene } from './scene.ts';

export function describeRetention(scene: Scene): void {
  describe('the retention time', () => {
    it('is unknown at first, and then as it was last set', async () => {
      expect(await scene.store.retention.time()).toBeNull();
      await scene.store.retention.setTime({ creditedAt: 1_000, wallAt: 2_000 });
      await scene.store.retention.setTime({ creditedAt: 5_000, wallAt: 4_000 });
      await scene.reopen();
      expect(await scene.store.retention.time()).toEqual({ creditedAt: 5_000, wallAt: 4_000 });
    });

    it('can begin with the newest moment that a record names', async () => {
      expect(await scene.store.retention.newestRecordAt()).toBeNull();
      await scene.store.documents.createWithText(
        emptyDocument(recordOf(plan, { createdAt: 3, updatedAt: 7 })),
      );
      expect(await scene.store.retention.newestRecordAt()).toBe(7);
      await scene.store.documents.setTrashed(plan, 9);
      expect(await scene.store.retention.newestRecordAt()).toBe(9);
      const answer = { requestHash: '', status: 200, headers: {}, body: '', at: 12 };
      await scene.store.keptAnswers.put('key', answer);
      expect(await scene.store.retention.newestRecordAt()).toBe(12);
    });
  });
}
