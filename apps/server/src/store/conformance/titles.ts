/** Renamings are merged, counted, and take effect once. */
import { RENAMES_KNOWN, type RenameId } from '@concord/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { emptyDocument, recordOf, renameTo } from '../test-batches.ts';
import { notes, plan, type Scene } from './scene.ts';

const idOf = (letter: string): RenameId => letter.repeat(26) as RenameId;
/** Digits and letters of such an id: a different one for each number. */
const numbered = (number: number): RenameId =>
  number
    .toString(2)
    .padStart(26, '0')
    .replace(/[01]/g, (bit) => (bit === '0' ? 'a' : 'b')) as RenameId;

export function describeTitles(scene: Scene): void {
  describe('titles', () => {
    const rename = (...given: Parameters<typeof renameTo>) =>
      scene.store.documents.rename(plan, renameTo(...given), 9);

    beforeEach(() =>
      scene.store.documents.createWithText(emptyDocument(recordOf(plan, { title: 'Plan' }))),
    );

    it('are merged with later renames', async () => {
      expect(await rename('Our Plan')).toEqual({ title: 'Our Plan', titleVersion: 1 });
      const merged = { title: 'Our Plan of mine', titleVersion: 2 };
      expect(await rename('Plan of mine', { base: 'Plan' })).toEqual(merged);
      await scene.reopen();
      expect(await scene.store.documents.get(plan)).toMatchObject(merged);
      expect(await scene.store.library.entry(plan, null)).toMatchObject(merged);
    });

    it('without a base replace the current title', async () => {
      await rename('Our Plan');
      expect(await rename('Notes')).toEqual({ title: 'Notes', titleVersion: 2 });
    });

    it('are changed once by a repeated rename, also after a restart', async () => {
      const mine = { base: 'Plan', renameId: idOf('m') };
      expect(await rename('Plan of mine', mine)).toEqual({
        ...{ title: 'Plan of mine', titleVersion: 1 },
      });
      await rename('Our Plan of mine', { base: 'Plan of mine', renameId: idOf('o') });
      await scene.reopen();
      const now = { title: 'Our Plan of mine', titleVersion: 2 };
      expect(await rename('Plan of mine', mine)).toEqual(now);
      expect(await scene.store.documents.get(plan)).toMatchObject(now);
    });

    it('are independent between documents', async () => {
      await scene.store.documents.createWithText(
        emptyDocument(recordOf(notes, { title: 'Notes' })),
      );
      const renameId = idOf('m');
      await rename('Plan!', { renameId });
      const named = await scene.store.documents.rename(notes, renameTo('Notes!', { renameId }), 9);
      expect(named).toEqual({ title: 'Notes!', titleVersion: 1 });
    });

    it('keep the ids of the newest renames, and evict older ones', async () => {
      for (let number = 1; number <= RENAMES_KNOWN + 1; number++) {
        await rename(`${number}`, { renameId: numbered(number) });
      }
      const titleVersion = RENAMES_KNOWN + 1;
      const now = { title: `${titleVersion}`, titleVersion };
      expect(await rename('again', { renameId: numbered(2) })).toEqual(now);
      expect(await rename('again', { renameId: numbered(1) })).toEqual({
        ...{ title: 'again', titleVersion: titleVersion + 1 },
      });
    });

    it('of unknown documents are null', async () => {
      expect(await scene.store.documents.rename(notes, renameTo('x'), 9)).toBeNull();
      await scene.store.documents.remove(plan);
      expect(await rename('x')).toBeNull();
    });
  });
}
