/**
 * The mechanisms of docs/faults.md and docs/protocol.md, each removed from the production cores. A seed that fails
 * without a mechanism proves it; a mechanism whose mutant survives is either not needed or not tested.
 */
import { clientMutants } from './client-mutants.ts';
import { effectMutants } from './effect-mutants.ts';
import type { Mutant } from './mutant.ts';
import { ownerMutants } from './owner-mutants.ts';
import { titleMutants } from './title-mutants.ts';

export const mutants: readonly Mutant[] = [
  ...clientMutants,
  ...ownerMutants,
  ...titleMutants,
  ...effectMutants,
];

/** Every mutant fails within this many seeds. The rarest needs about 200; most need fewer than 50. */
export const MUTANT_SEEDS = 1_000;
