/** The seeds of `npm test`, split over several test files so that they run on all processor cores. */
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configurationOf } from './configuration.ts';
import { reportFailure } from './report-failure.ts';
import { loadVariants, type Variants } from './variants.ts';
import { runWorld } from './world.ts';

/** Number of seeds; `CONCORD_SEEDS=1000000 npm test` runs more. */
const SEEDS = Number(process.env['CONCORD_SEEDS'] ?? 20_000);
const SHARES = 4;
/** Bounds a test's duration, since it blocks its worker's event loop. */
const SEEDS_PER_TEST = 250;

/** Defines the tests of one share, counted from 0. */
export function testShare(share: number): void {
  const count = Math.ceil(SEEDS / SHARES);
  const from = 1 + share * count;
  let variants: Variants;
  let done = 0;
  let busyMs = 0;
  beforeAll(async () => {
    variants = await loadVariants();
  });
  afterAll(() => {
    const rate = Math.round((done * 1_000) / busyMs);
    console.log(`simulation, share ${share + 1}: ${done} seeds, ${rate} seeds per second`);
  });
  for (let first = from; first < from + count; first += SEEDS_PER_TEST) {
    const last = Math.min(first + SEEDS_PER_TEST, from + count) - 1;
    it(
      `simulated worlds of seeds ${first} to ${last} keep every invariant`,
      { timeout: 300_000 },
      async () => {
        for (let seed = first; seed <= last; seed++) {
          const startedAt = performance.now();
          const configuration = configurationOf(seed);
          const result = runWorld(configuration, variants[configuration.cores]);
          busyMs += performance.now() - startedAt;
          done++;
          if (result.failure !== null) {
            expect.fail(reportFailure(configuration, result, variants));
          }
          await setImmediate();
        }
      },
    );
  }
}
