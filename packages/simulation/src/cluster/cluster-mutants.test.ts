/** Each mechanism of the cluster is needed: without it a seed goes red, and with it the same seed is green. */
import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cores } from '../cores.ts';
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
      for (let seed = 1; seed <= CLUSTER_MUTANT_SEEDS; seed++) {
        const configuration = mutant.focus(clusterConfigurationOf(seed));
        if (runClusterWorld(withWrongs(mutant, configuration), cores).failure !== null) {
          const { failure } = runClusterWorld(configuration, production);
          expect(failure, `seed ${seed} unmutated`).toBeNull();
          return;
        }
        await setImmediate();
      }
      expect.fail(`No seed up to ${CLUSTER_MUTANT_SEEDS} noticed`);
    },
  );
});
