/** What changes carry besides text, in the log and in checkpoints. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../ports/store.ts';
import { operationBy } from '../test-batches.ts';
import { append, plan, readAll, type Scene } from './scene.ts';

const checkpointAt = (version: number, change: Partial<Checkpoint> = {}): Checkpoint => ({
  version,
  compressedText: gzipSync(`at ${version}`),
  checksum: version,
  lengthCodePoints: 4,
  ...change,
});

export function describeEffects(scene: Scene): void {
  describe('effects', () => {
    it('are read as they were appended, with their operation', async () => {
      const effects = [{ type: 'mark', value: { id: 'é😀"', places: [1, 2], none: null } }];
      const operations = [
        operationBy('ann', 1),
        { ...operationBy('ann', 2), effects },
        { ...operationBy('bob', 1), op: [], effects },
      ];
      await append(scene, { documentId: plan, firstVersion: 1, operations });
      await scene.reopen();
      expect(await readAll(scene)).toEqual(operations);
    });

    it('have their state kept in a checkpoint beside the text, where there is one', async () => {
      const effectState = '{"mark":{"é😀":[1,2]}}';
      await scene.store.checkpoints.write(plan, checkpointAt(1_000, { effectState }));
      await scene.store.checkpoints.write(plan, checkpointAt(2_000));
      await scene.reopen();
      const former = await scene.store.checkpoints.atOrBefore(plan, 1_999);
      expect(former).toMatchObject({ version: 1_000, effectState });
      expect((await scene.store.checkpoints.latest(plan))?.effectState).toBeUndefined();
      await scene.store.checkpoints.write(plan, checkpointAt(1_000));
      const replaced = await scene.store.checkpoints.atOrBefore(plan, 1_999);
      expect(replaced?.version).toBe(1_000);
      expect(replaced?.effectState).toBeUndefined();
    });

    it('count in bytes, like the text, when older checkpoints take too much', async () => {
      const effectState = JSON.stringify({ mark: 'é'.repeat(70_000) });
      await scene.store.checkpoints.write(plan, checkpointAt(1_000, { effectState }));
      await scene.store.checkpoints.write(plan, checkpointAt(3_000, { effectState }));
      await scene.store.checkpoints.write(plan, checkpointAt(5_000));
      expect(await scene.store.checkpoints.versions(plan)).toEqual([5_000, 3_000]);
    });
  });
}
