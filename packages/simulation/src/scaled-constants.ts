/**
 * Small constants for the cores, so that a short world crosses the thresholds of a long one: checkpoints, checksums,
 * catch-ups in several frames, resyncs, and operations too costly to transform.
 */
import type { Replacement } from './load-cores.ts';

const LIMITS = 'packages/protocol/src';
const OWNER = 'apps/server/src/documents/core';

export const scaledConstants: readonly Replacement[] = [
  constant(LIMITS, 'TAIL_OPERATIONS', '500', '3'),
  constant(LIMITS, 'TAIL_FRAME_BYTES', '64 * 1024', '300'),
  constant(LIMITS, 'TAIL_INLINE_BYTES', '4 * 1024', '250'),
  constant(LIMITS, 'TAIL_BYTES', '256 * 1024', '900'),
  constant(LIMITS, 'TAIL_BYTES_MAX', '1024 * 1024', '1_100'),
  constant(LIMITS, 'TAIL_OPERATIONS_MAX', '20_000', '8'),
  constant(LIMITS, 'CHECKSUM_EVERY_VERSIONS', '64', '3'),
  constant(LIMITS, 'CHECKSUM_INTERVAL_MS', '1_000', '0'),
  constant(OWNER, 'CHECKPOINT_EVERY_VERSIONS', '1_000', '5'),
  constant(OWNER, 'CHECKPOINT_EVERY_BYTES', '4 * 1024 * 1024', '1_000'),
  constant(OWNER, 'RECENT_BYTES', '8 * 1024 * 1024', '3_000'),
  constant(OWNER, 'CLIENTS_MAX', '5_000', '2'),
  constant(OWNER, 'GATHERED_OPERATIONS_MAX', '10_000', '4'),
  constant(OWNER, 'TRANSFORM_COST_MAX', '100_000', '60'),
  constant(OWNER, 'TRANSFORM_COST_PER_TOKEN', '5_000', '6'),
  constant(OWNER, 'ECHO_MAX', '2_048', '2'),
  constant(OWNER, 'IDLE_MS', '60_000', '2_000'),
];

function constant(folder: string, name: string, value: string, scaled: string): Replacement {
  return { folder, find: `const ${name} = ${value};`, replace: `const ${name} = ${scaled};` };
}
