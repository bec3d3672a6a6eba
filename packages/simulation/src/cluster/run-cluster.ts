/** Runs seeds of several nodes over one database from the command line: see main.ts. */
import { loadCores } from '../load-cores.ts';
import { noSuchMutant } from '../mutant.ts';
import type { TabsArguments } from '../tabs/run-tabs.ts';
import { clusterConfigurationOf, type ClusterConfiguration } from './cluster-configuration.ts';
import { clusterMutants, withWrongs } from './cluster-mutants.ts';
import { runClusterWorld } from './cluster-world.ts';

const PROGRESS_EVERY_SEEDS = 10_000;

/** Returns whether all seeds were green. */
export async function runCluster(values: TabsArguments): Promise<boolean> {
  const mutant = clusterMutants.find(({ name }) => name === values.mutant);
  if (values.mutant !== undefined && mutant === undefined) {
    console.error(noSuchMutant(values.mutant, clusterMutants));
    process.exit(2);
  }
  const cores = await loadCores(mutant?.replacements ?? []);
  const configurationFor = (seed: number): ClusterConfiguration => {
    const configuration = clusterConfigurationOf(seed);
    return mutant === undefined ? configuration : withWrongs(mutant, mutant.focus(configuration));
  };
  if (values.seed !== undefined) {
    const sink = values.trace === true ? (line: string) => console.log(line) : null;
    const result = runClusterWorld(configurationFor(Number(values.seed)), cores, sink);
    console.log(JSON.stringify(result));
    return result.failure === null;
  }
  const from = Number(values.from ?? 1);
  const count = Number(values.seeds ?? 10_000);
  const startedAt = performance.now();
  let red = 0;
  for (let done = 1; done <= count; done++) {
    const seed = from + done - 1;
    const { failure } = runClusterWorld(configurationFor(seed), cores);
    if (failure !== null) {
      red++;
      console.log(`Seed ${seed} is red: ${failure}`);
    }
    const isLast = done === count || (failure !== null && values.all !== true);
    if (isLast || done % PROGRESS_EVERY_SEEDS === 0) {
      const rate = Math.round((done * 1_000) / (performance.now() - startedAt));
      console.log(
        `${done} seeds of clusters from ${from} on: ${red} red; ${rate} seeds per second`,
      );
    }
    if (isLast) break;
  }
  return red === 0;
}
