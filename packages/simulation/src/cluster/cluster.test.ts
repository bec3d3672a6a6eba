/** Several nodes over one database: seeds are green, and a seed is the same world whenever it is run. */
import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cores } from '../cores.ts';
import { loadCores } from '../load-cores.ts';
import { clusterConfigurationOf } from './cluster-configuration.ts';
import { runClusterWorld } from './cluster-world.ts';

/** `CONCORD_CLUSTER_SEEDS=1000000 npm test` runs more. */
const SEEDS = Number(process.env['CONCORD_CLUSTER_SEEDS'] ?? 20_000);
const SEEDS_PER_TEST = 500;

let production: Cores;
beforeAll(async () => {
  production = await loadCores([]);
});

describe('nodes over one database', () => {
  for (let first = 1; first <= SEEDS; first += SEEDS_PER_TEST) {
    const last = Math.min(first + SEEDS_PER_TEST - 1, SEEDS);
    it(`of seeds ${first} to ${last} keep every invariant`, { timeout: 600_000 }, async () => {
      for (let seed = first; seed <= last; seed++) {
        const { failure } = runClusterWorld(clusterConfigurationOf(seed), production);
        expect(failure, `npm run simulate -- --cluster --seed ${seed} --trace`).toBeNull();
        await setImmediate();
      }
    });
  }

  it('have the same event hash in two runs of one seed', () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const first = runClusterWorld(clusterConfigurationOf(seed), production);
      expect(runClusterWorld(clusterConfigurationOf(seed), production)).toEqual(first);
      hashes.add(first.hash);
    }
    expect(hashes.size).toBe(20);
  });
});
