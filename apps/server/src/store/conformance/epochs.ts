/** Who may append: epochs never fall along a log. */
import { describe, expect, it } from 'vitest';
import { batchOf } from '../test-batches.ts';
import { FencedError } from '../ports/store.ts';
import { append, notes, plan, type Scene } from './scene.ts';

const by = (epoch: number, firstVersion: number, document = plan) => ({
  ...batchOf(document, firstVersion),
  epoch,
});

export function describeEpochs(scene: Scene): void {
  describe('epochs of owners', () => {
    it('begin at 0, and are that of the newest batch', async () => {
      expect(await scene.store.log.epoch(plan)).toBe(0);
      await append(scene, batchOf(plan, 1));
      expect(await scene.store.log.epoch(plan)).toBe(0);
      await append(scene, by(7, 2));
      await append(scene, by(7, 3));
      expect(await scene.store.log.epoch(plan)).toBe(7);
      expect(await scene.store.log.epoch(notes)).toBe(0);
    });

    it('that are lower than the newest are refused, although the version is next', async () => {
      await append(scene, by(2, 1));
      await append(scene, by(3, 2));
      await expect(append(scene, by(2, 3))).rejects.toThrow(FencedError);
      await expect(append(scene, batchOf(plan, 3))).rejects.toThrow(FencedError);
      expect(await scene.store.log.headVersion(plan)).toBe(2);
      expect(await scene.store.log.read(plan, 0, 9)).toHaveLength(2);
      await append(scene, by(3, 3));
      await append(scene, by(1, 1, notes));
    });

    it('are known when the store is opened again', async () => {
      await append(scene, by(5, 1));
      await scene.reopen();
      await expect(append(scene, by(4, 2))).rejects.toThrow(FencedError);
      expect(await scene.store.log.epoch(plan)).toBe(5);
      await append(scene, by(6, 2));
    });

    it('are told by the versions at which they change, for each document by itself', async () => {
      expect(await scene.store.log.epochs(plan)).toEqual([]);
      await append(scene, batchOf(plan, 1, 3));
      await append(scene, batchOf(plan, 4));
      await append(scene, by(2, 5));
      await append(scene, by(2, 1, notes));
      await append(scene, { ...batchOf(plan, 6, 4), epoch: 2 });
      await append(scene, by(7, 10));
      const starts = [
        { version: 1, epoch: 0 },
        { version: 5, epoch: 2 },
        { version: 10, epoch: 7 },
      ];
      expect(await scene.store.log.epochs(plan)).toEqual(starts);
      expect(await scene.store.log.epochs(notes)).toEqual([{ version: 1, epoch: 2 }]);
      await scene.reopen();
      expect(await scene.store.log.epochs(plan)).toEqual(starts);
    });

    it('of appends that were refused do not count', async () => {
      await append(scene, by(1, 1));
      await expect(append(scene, by(9, 1))).rejects.toThrow();
      await append(scene, by(1, 2));
      expect(await scene.store.log.epoch(plan)).toBe(1);
      expect(await scene.store.log.epochs(plan)).toEqual([{ version: 1, epoch: 1 }]);
    });
  });
}
