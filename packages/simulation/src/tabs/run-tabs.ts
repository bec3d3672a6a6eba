/** Runs seeds of several tabs of one browser from the command line: see main.ts. */
import { loadCores } from '../load-cores.ts';
import { noSuchMutant } from '../mutant.ts';
import { tabsConfigurationOf, type TabsConfiguration } from './tabs-configuration.ts';
import { tabsMutants } from './tabs-mutants.ts';
import { runTabsWorld } from './tabs-world.ts';

export interface TabsArguments {
  readonly seed?: string | undefined;
  readonly seeds?: string | undefined;
  readonly from?: string | undefined;
  readonly mutant?: string | undefined;
  readonly trace?: boolean | undefined;
  readonly all?: boolean | undefined;
}

/** Returns whether all seeds were green. */
export async function runTabs(values: TabsArguments): Promise<boolean> {
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
  if (values.seed !== undefined) {
    const sink = values.trace === true ? (line: string) => console.log(line) : null;
    const result = runTabsWorld(configurationFor(Number(values.seed)), cores, sink);
    console.log(JSON.stringify(result));
    return result.failure === null;
  }
  const from = Number(values.from ?? 1);
  const count = Number(values.seeds ?? 10_000);
  const startedAt = performance.now();
  let red = 0;
  for (let seed = from; seed < from + count; seed++) {
    const { failure } = runTabsWorld(configurationFor(seed), cores);
    if (failure === null) continue;
    red++;
    console.log(`Seed ${seed} is red: ${failure}`);
    if (values.all !== true) break;
  }
  const rate = Math.round((count * 1_000) / (performance.now() - startedAt));
  console.log(`${count} seeds of tabs from ${from} on: ${red} red; ${rate} seeds per second`);
  return red === 0;
}
