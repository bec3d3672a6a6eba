/** Each mechanism is needed: without it a seed fails, and with it the same seed passes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { configurationOf } from './configuration.ts';
import { expectNoticed } from './expect-noticed.ts';
import { mutants, MUTANT_SEEDS } from './mutants.ts';
import { loadVariants, type Variants } from './variants.ts';
import { runWorld } from './world.ts';

describe('mutants', () => {
  let production: Variants;
  beforeAll(async () => {
    production = await loadVariants();
  });

  it.each(mutants)(
    '$name: without the rule that $without',
    async ({ name, replacements, focus = (configuration) => configuration }) => {
      const failureOf = (variants: Variants) => (seed: number) => {
        const configuration = focus(configurationOf(seed));
        return runWorld(configuration, variants[configuration.cores]).failure;
      };
      const mutated = failureOf(await loadVariants(replacements));
      await expectNoticed('document', name, MUTANT_SEEDS, mutated, failureOf(production));
    },
  );
});

it('a mutant whose text is not in the sources fails to load', async () => {
  const gone = { folder: 'packages/client/src/core', find: 'no such text', replace: '' };
  await expect(loadVariants([gone])).rejects.toThrow('0 times');
});
