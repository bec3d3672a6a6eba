/** Shrinks a failing configuration while it still fails in the same way. */
import { defaultLimits } from '@concord/protocol';
import type { Configuration } from './configuration.ts';
import type { SeedResult } from './world.ts';

type Simplify = (configuration: Configuration) => Configuration;

const half = (value: number): number => Math.floor(value / 2);

/** Each removes one kind of fault, or reduces the scale. */
const simplifications: readonly Simplify[] = [
  (c) => ({ ...c, attacksPerMinute: 0 }),
  (c) => ({ ...c, accessChangesPerMinute: 0 }),
  (c) => ({ ...c, proofMs: 0 }),
  (c) => ({ ...c, apiEditsPerMinute: 0 }),
  (c) => ({ ...c, viewers: 0 }),
  (c) => ({ ...c, history: 0 }),
  (c) => ({ ...c, limits: defaultLimits }),
  (c) => ({ ...c, network: { ...c.network, cutsPerMinute: 0 } }),
  (c) => ({ ...c, network: { ...c.network, offlinePerMinute: 0 } }),
  (c) => ({ ...c, network: { ...c.network, stallChance: 0 } }),
  (c) => ({ ...c, network: { ...c.network, lateNoticeChance: 0 } }),
  (c) => ({ ...c, network: { ...c.network, duplicateChance: 0 } }),
  (c) => ({ ...c, network: { ...c.network, dropChance: 0 } }),
  (c) => ({ ...c, network: { ...c.network, reorderChance: 0 } }),
  (c) => ({ ...c, device: { ...c.device, reloadsPerMinute: 0 } }),
  (c) => ({ ...c, device: { ...c.device, powerLossChance: 0 } }),
  (c) => ({ ...c, device: { ...c.device, stallChance: 0 } }),
  (c) => ({ ...c, device: { ...c.device, failChance: 0 } }),
  (c) => ({ ...c, standstills: { ...c.standstills, perMinute: 0 } }),
  (c) => ({ ...c, server: { ...c.server, killsPerMinute: 0 } }),
  (c) => ({ ...c, server: { ...c.server, stopsPerMinute: 0 } }),
  (c) => ({ ...c, server: { ...c.server, pausesPerMinute: 0 } }),
  (c) => ({ ...c, store: { ...c.store, slowChance: 0 } }),
  (c) => ({ ...c, store: { ...c.store, unavailableChance: 0 } }),
  (c) => ({ ...c, store: { ...c.store, lateChance: 0 } }),
  (c) => ({ ...c, store: { ...c.store, readFailChance: 0 } }),
  (c) => ({ ...c, store: { ...c.store, checkpointFailChance: 0 } }),
  (c) => ({ ...c, editors: Math.max(1, c.editors - 1) }),
  (c) => ({ ...c, editsPerEditor: Math.max(1, half(c.editsPerEditor)) }),
  (c) => ({ ...c, editsPerEditor: Math.max(1, c.editsPerEditor - 1) }),
  (c) => ({ ...c, history: half(c.history) }),
  (c) => ({ ...c, durationMs: half(c.durationMs) }),
];

/** Rounds over all simplifications until none helps. */
const ROUNDS_MAX = 6;

/** @param run runs a configuration, with the cores that failed. */
export function shrink(
  failing: Configuration,
  failure: string,
  run: (configuration: Configuration) => SeedResult,
): Configuration {
  const code = codeOf(failure);
  let simplest = failing;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = simplest;
    for (const simplify of simplifications) {
      const candidate = simplify(simplest);
      if (JSON.stringify(candidate) === JSON.stringify(simplest)) continue;
      const result = run(candidate);
      if (result.failure !== null && codeOf(result.failure) === code) simplest = candidate;
    }
    if (simplest === before) break;
  }
  return simplest;
}

/** The invariant's name, or the beginning of another error. */
const codeOf = (failure: string): string => failure.split(':', 1)[0] ?? failure;
