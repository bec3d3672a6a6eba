/** Each mechanism of the election among tabs is needed: without it a seed goes red, and with it the same seed is green. */
import { beforeAll, describe, it } from 'vitest';
import type { Cores } from '../cores.ts';
import { expectNoticed } from '../expect-noticed.ts';
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
    async ({ name, replacements, focus }) => {
      const failureOf = (cores: Cores) => (seed: number) =>
        runTabsWorld(focus(tabsConfigurationOf(seed)), cores).failure;
      const mutated = failureOf(await loadCores(replacements));
      await expectNoticed('tabs', name, TABS_MUTANT_SEEDS, mutated, failureOf(production));
    },
  );
});
