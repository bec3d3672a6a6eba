/** Runs seeds of several nodes over one database from the command line: see main.ts. */
import { loadCores } from '../load-cores.ts';
import { noSuchMutant } from '../mutant.ts';
import { runSeeds, type SeedArguments } from '../run-seeds.ts';
import { clusterConfigurationOf, type ClusterConfiguration } from './cluster-configuration.ts';
import { clusterMutants, withWrongs } from './cluster-mutants.ts';
import { runClusterWorld } from './cluster-world.ts';

/** Returns whether all seeds were green. */
export async function runCluster(values: SeedArguments): Promise<boolean> {
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
  return runSeeds(values, 'clusters', (seed, trace) =>
    runClusterWorld(configurationFor(seed), cores, trace),
  );
}
