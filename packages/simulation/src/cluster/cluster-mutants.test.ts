/** Each mechanism of the cluster is needed: without it a seed goes red, and with it the same seed is green. */
import { beforeAll, describe, it } from 'vitest';
import type { Cores } from '../cores.ts';
import { expectNoticed } from '../expect-noticed.ts';
import { loadCores } from '../load-cores.ts';
import { clusterConfigurationOf } from './cluster-configuration.ts';
import { CLUSTER_MUTANT_SEEDS, clusterMutants, withWrongs } from './cluster-mutants.ts';
import { runClusterWorld } from './cluster-world.ts';

let production: Cores;
beforeAll(async () => {
  production = await loadCores([]);
});

describe('mutants of the cluster', () => {
  it.each(clusterMutants)(
    '$name: without the rule that $without',
    { timeout: 600_000 },
    async (mutant) => {
      const cores = await loadCores(mutant.replacements);
      const configurationAt = (seed: number) => mutant.focus(clusterConfigurationOf(seed));
      await expectNoticed(
        'cluster',
        mutant.name,
        CLUSTER_MUTANT_SEEDS,
        (seed) => runClusterWorld(withWrongs(mutant, configurationAt(seed)), cores).failure,
        (seed) => runClusterWorld(configurationAt(seed), production).failure,
      );
    },
  );
});
