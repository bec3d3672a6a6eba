/** Shows that a mutant is noticed: a seed fails with it, and passes without it. */
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { NOTICED_AT, type World } from './noticed-at.ts';

/** Failure of a seed's world, or null. */
type FailureAt = (seed: number) => string | null;

/** A search that takes fewer seeds is quick enough to be made anew each time. */
const SEARCHED = 10;

/**
 * Tries the seed that noticed the mutant before (`noticed-at.ts`), then all from 1 on: the cores and the world may have
 * changed since.
 * @param seeds the bound within which a mutant has to be noticed
 */
export async function expectNoticed(
  world: World,
  name: string,
  seeds: number,
  mutated: FailureAt,
  unmutated: FailureAt,
): Promise<void> {
  const known = NOTICED_AT[world][name];
  const all = Array.from({ length: seeds }, (_, index) => index + 1);
  for (const seed of known === undefined ? all : [known, ...all]) {
    if (mutated(seed) !== null) {
      expect(unmutated(seed), `seed ${seed} unmutated`).toBeNull();
      if (seed !== known && seed > SEARCHED) {
        console.log(
          `noticed-at.ts: ${name} is noticed at seed ${seed}, and was at ${known ?? 'none'}`,
        );
      }
      return;
    }
    await setImmediate();
  }
  expect.fail(`No seed up to ${seeds} noticed`);
}
