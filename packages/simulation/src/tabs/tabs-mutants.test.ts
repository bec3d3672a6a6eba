/** Each mechanism of the election among tabs is needed: without it a seed goes red, and with it the same seed is green. */
import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cores } from '../cores.ts';
import { loadCores } from '../load-cores.ts';
import { tabsConfigurationOf } from './tabs-configuration.ts';
import { TABS_MUTANT_SEEDS, tabsMutants } from './tabs-mutants.ts';
import { runTabsWorld } from './tabs-world.ts';

let production: Cores;
beforeAll(async () => {
  production = await loadCores([]);
});

describe('mutants of the election among tabs', () => {
  it.each(tabsMutants)(
    '$name: without the rule that $without',
    { timeout: 600_000 },
    async ({ replacements, focus }) => {
      const cores = await loadCores(replacements);
      for (let seed = 1; seed <= TABS_MUTANT_SEEDS; seed++) {
        const configuration = focus(tabsConfigurationOf(seed));
        if (runTabsWorld(configuration, cores).failure !== null) {
          const { failure } = runTabsWorld(configuration, production);
          expect(failure, `seed ${seed} unmutated`).toBeNull();
          return;
        }
        await setImmediate();
      }
      expect.fail(`No seed up to ${TABS_MUTANT_SEEDS} noticed`);
    },
  );
});
