/** Runs seeds of several tabs of one browser from the command line: see main.ts. */
import { loadCores } from '../load-cores.ts';
import { noSuchMutant } from '../mutant.ts';
import { runSeeds, type SeedArguments } from '../run-seeds.ts';
import { tabsConfigurationOf, type TabsConfiguration } from './tabs-configuration.ts';
import { tabsMutants } from './tabs-mutants.ts';
import { runTabsWorld } from './tabs-world.ts';

/** Returns whether all seeds were green. */
export async function runTabs(values: SeedArguments): Promise<boolean> {
  const mutant = tabsMutants.find(({ name }) => name === values.mutant);
  if (values.mutant !== undefined && mutant === undefined) {
    console.error(noSuchMutant(values.mutant, tabsMutants));
    process.exit(2);
  }
  const cores = await loadCores(mutant?.replacements ?? []);
  const configurationFor = (seed: number): TabsConfiguration => {
    const configuration = tabsConfigurationOf(seed);
    return mutant === undefined ? configuration : mutant.focus(configuration);
  };
  return runSeeds(values, 'tabs', (seed, trace) =>
    runTabsWorld(configurationFor(seed), cores, trace),
  );
}
