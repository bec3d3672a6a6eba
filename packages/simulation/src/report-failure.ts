/** Report of a failing seed: the seed, its configuration after shrinking, and how to replay it. */
import type { Configuration } from './configuration.ts';
import { shrink } from './shrink.ts';
import type { Variants } from './variants.ts';
import { runWorld, type SeedResult } from './world.ts';

/** @param mutant name of the mutant that the variants are of; null for the production cores */
export function reportFailure(
  configuration: Configuration,
  { failure, seed }: SeedResult,
  variants: Variants,
  mutant: string | null = null,
): string {
  const simplest = shrink(configuration, failure ?? '', (candidate) =>
    runWorld(candidate, variants[candidate.cores]),
  );
  return [
    `Seed ${seed} is red: ${failure}`,
    `Configuration: ${JSON.stringify(configuration)}`,
    `Simplest that fails in the same way: ${JSON.stringify(simplest)}`,
    ...replayLines(seed, simplest, mutant),
  ].join('\n');
}

/** The commands that repeat a failure. One of a mutant needs its name: the production cores pass the same seed. */
export function replayLines(
  seed: number,
  simplest: Configuration,
  mutant: string | null,
): readonly string[] {
  const ofMutant = mutant === null ? '' : ` --mutant ${mutant}`;
  return [
    `Replay: npm run simulate -- --seed ${seed} --trace${ofMutant}`,
    `Replay the simplest: npm run simulate -- --trace${ofMutant} --configuration '${JSON.stringify(simplest)}'`,
  ];
}
