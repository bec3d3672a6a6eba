/** The contract for storage accounting per person. */
import { describe, expect, it } from 'vitest';
import { emptyDocument, recordOf } from '../test-batches.ts';
import { notes, plan, type Scene } from './scene.ts';

export function describeUsage(scene: Scene): void {
  describe('the usage of a person', () => {
    it('starts at zero and counts documents and bytes by author, not by owner of the document', async () => {
      expect(await scene.store.usage.of('ann')).toEqual({ documents: 0, bytes: 0 });
      await scene.store.documents.createWithText(
        emptyDocument(recordOf(plan, { createdBy: 'ann' })),
      );
      await scene.store.documents.createWithText(
        emptyDocument(recordOf(notes, { createdBy: 'ann' })),
      );
      const charge = (userId: string, documentId: typeof plan, bytes: number) => ({ userId, documentId, bytes }); // prettier-ignore
      await scene.store.usage.charge([charge('ann', plan, 100), charge('ann', notes, 20)]);
      await scene.store.usage.charge([charge('ann', plan, 3), charge('bob', plan, 7)]);
      await scene.reopen();
      expect(await scene.store.usage.of('ann')).toEqual({ documents: 2, bytes: 123 });
      expect(await scene.store.usage.of('bob')).toEqual({ documents: 0, bytes: 7 });
    });

    it('of a day is kept by bucket, and expires', async () => {
      const day = (bucket: string, bytes: number, at: number) => ({ bucket, bytes, at });
      await scene.store.usage.keepDays([day('person ann', 10, 100), day('here', 20, 200)], 50);
      await scene.store.usage.keepDays([day('person ann', 15, 300)], 50);
      await scene.reopen();
      const kept = [day('here', 20, 200), day('person ann', 15, 300)];
      expect(await scene.store.usage.days()).toEqual(kept);
      await scene.store.usage.keepDays([], 201);
      expect(await scene.store.usage.days()).toEqual(kept.slice(1));
    });

    it('is freed by purging a document, not by the trash', async () => {
      await scene.store.documents.createWithText(
        emptyDocument(recordOf(plan, { createdBy: 'ann' })),
      );
      await scene.store.usage.charge([{ userId: 'ann', documentId: plan, bytes: 100 }]);
      await scene.store.documents.setTrashed(plan, 5);
      expect(await scene.store.usage.of('ann')).toEqual({ documents: 1, bytes: 100 });
      await scene.store.documents.remove(plan);
      // A charge in flight for a purged document is dropped.
      await scene.store.usage.charge([{ userId: 'ann', documentId: plan, bytes: 100 }]);
      expect(await scene.store.usage.of('ann')).toEqual({ documents: 0, bytes: 0 });
    });
  });
}
