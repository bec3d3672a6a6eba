/** A seed determines a world: the same events in the same order in every run. */
import {
  ClientSession,
  Leadership,
  mergeCopy,
  newReplica,
  replicaToOpen,
  statusOf,
} from '@concord/client';
import * as ot from '@concord/ot';
import {
  AppendAttempt,
  DocumentOwner,
  leaseTimes,
  NodeLease,
  OwnershipTable,
  preferredMember,
  renamed,
} from '@concord/server';
import { expect, it } from 'vitest';
import { clusterConfigurationOf } from './cluster/cluster-configuration.ts';
import { runClusterWorld } from './cluster/cluster-world.ts';
import { configurationOf } from './configuration.ts';
import { loadCores } from './load-cores.ts';
import { loadVariants } from './variants.ts';
import { runWorld } from './world.ts';

it('two simulation runs of one seed have the same event hash', async () => {
  const variants = await loadVariants();
  const hashes = new Set<string>();
  for (let seed = 1; seed <= 60; seed++) {
    const configuration = configurationOf(seed);
    const first = runWorld(configuration, variants[configuration.cores]);
    const second = runWorld(configuration, variants[configuration.cores]);
    expect(second).toEqual(first);
    expect(first.events).toBeGreaterThan(0);
    hashes.add(first.hash);
  }
  expect(hashes.size).toBe(60);
});

it('tracing does not change the events of a simulated world', async () => {
  const cores = await loadCores([]);
  const lines: string[] = [];
  const traced = runWorld(configurationOf(7), cores, (line) => lines.push(line));
  expect(traced.hash).toBe(runWorld(configurationOf(7), cores).hash);
  expect(lines).toHaveLength(traced.events);
});

it('cores loaded without replacements are the production code', async () => {
  const imported = {
    ClientSession,
    Leadership,
    mergeCopy,
    newReplica,
    replicaToOpen,
    statusOf,
    DocumentOwner,
    AppendAttempt,
    NodeLease,
    leaseTimes,
    OwnershipTable,
    preferredMember,
    renamed,
    DocumentText: ot.DocumentText,
    composeAll: ot.composeAll,
    effectTools: ot,
  };
  const loaded = await loadCores([]);
  for (let seed = 1; seed <= 20; seed++) {
    const configuration = configurationOf(seed);
    expect(runWorld(configuration, imported)).toEqual(runWorld(configuration, loaded));
    const cluster = clusterConfigurationOf(seed);
    expect(runClusterWorld(cluster, imported)).toEqual(runClusterWorld(cluster, loaded));
  }
});
