/** Tabs of one browser: seeds are green, and a seed is the same world whenever it is run. */
import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cores } from '../cores.ts';
import { loadCores } from '../load-cores.ts';
import { tabsConfigurationOf } from './tabs-configuration.ts';
import { runTabsWorld } from './tabs-world.ts';

/** `CONCORD_TAB_SEEDS=100000 npm test` runs more. */
const SEEDS = Number(process.env['CONCORD_TAB_SEEDS'] ?? 2_000);
const SEEDS_PER_TEST = 250;

let production: Cores;
beforeAll(async () => {
  production = await loadCores([]);
});

describe('tabs of one browser', () => {
  for (let first = 1; first <= SEEDS; first += SEEDS_PER_TEST) {
    const last = Math.min(first + SEEDS_PER_TEST - 1, SEEDS);
    it(`seeds ${first} to ${last}`, { timeout: 600_000 }, async () => {
      for (let seed = first; seed <= last; seed++) {
        const { failure } = runTabsWorld(tabsConfigurationOf(seed), production);
        expect(failure, `npm run simulate -- --tabs --seed ${seed} --trace`).toBeNull();
        await setImmediate();
      }
    });
  }

  it('two runs of one seed have the same event hash', () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const first = runTabsWorld(tabsConfigurationOf(seed), production);
      expect(runTabsWorld(tabsConfigurationOf(seed), production)).toEqual(first);
      hashes.add(first.hash);
    }
    expect(hashes.size).toBe(20);
  });
});
