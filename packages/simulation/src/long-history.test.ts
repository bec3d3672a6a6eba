/**
 * Production constants at their thresholds: a log longer than the longest tail, replicas at any version of it,
 * catch-ups in several frames, resyncs by snapshot, and checkpoints in between.
 */
import { CHECKPOINT_EVERY_VERSIONS } from '@concord/server';
import { TAIL_OPERATIONS, TAIL_OPERATIONS_MAX } from '@concord/protocol';
import { beforeAll, expect, it } from 'vitest';
import { configurationOf } from './configuration.ts';
import { reportFailure } from './report-failure.ts';
import { loadVariants, type Variants } from './variants.ts';
import { runWorld } from './world.ts';

let variants: Variants;
beforeAll(async () => {
  variants = await loadVariants();
});

it.each([
  [CHECKPOINT_EVERY_VERSIONS - 10, 5],
  [TAIL_OPERATIONS + 50, 5],
  [TAIL_OPERATIONS_MAX + 3_000, 12],
])('replicas of a document with a history of %i versions converge', (history, seeds) => {
  for (let seed = 1; seed <= seeds; seed++) {
    const configuration = { ...configurationOf(seed), cores: 'production' as const, history };
    const result = runWorld(configuration, variants.production);
    if (result.failure !== null) expect.fail(reportFailure(configuration, result, variants));
    expect(result.versions).toBeGreaterThan(history);
  }
});
