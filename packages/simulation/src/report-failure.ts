/** Report of a failing seed: the seed, its configuration after shrinking, and how to replay it. */
import type { Configuration } from './configuration.ts';
import { shrink } from './shrink.ts';
import type { Variants } from './variants.ts';
import { runWorld, type SeedResult } from './world.ts';

export function reportFailure(
  configuration: Configuration,
  { failure, seed }: SeedResult,
  variants: Variants,
): string {
  const simplest = shrink(configuration, failure ?? '', (candidate) =>
    runWorld(candidate, variants[candidate.cores]),
  );
  return [
    `Seed ${seed} is red: ${failure}`,
    `Configuration: ${JSON.stringify(configuration)}`,
    `Simplest that fails in the same way: ${JSON.stringify(simplest)}`,
    `Replay: npm run simulate -- --seed ${seed} --trace`,
    `Replay the simplest: npm run simulate -- --trace --configuration '${JSON.stringify(simplest)}'`,
  ].join('\n');
}
