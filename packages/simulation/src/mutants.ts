/**
 * The mechanisms of docs/faults.md and docs/protocol.md, each taken out of the production cores. A mechanism is proven by
 * the seed that goes red without it; one whose mutant stays green is either not needed or not tested.
 */
import { clientMutants } from './client-mutants.ts';
import type { Mutant } from './mutant.ts';
import { ownerMutants } from './owner-mutants.ts';
import { titleMutants } from './title-mutants.ts';

export const mutants: readonly Mutant[] = [...clientMutants, ...ownerMutants, ...titleMutants];

/** Every mutant is red within this many seeds. The rarest needs about 200; most need fewer than 50. */
export const MUTANT_SEEDS = 1_000;
