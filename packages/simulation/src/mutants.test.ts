/** Each mechanism is needed: without it a seed fails, and with it the same seed passes. */
import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { configurationOf, type Configuration } from './configuration.ts';
import { mutants, MUTANT_SEEDS } from './mutants.ts';
import { loadVariants, type Variants } from './variants.ts';
import { runWorld } from './world.ts';

const failureOf = (configuration: Configuration, variants: Variants): string | null =>
  runWorld(configuration, variants[configuration.cores]).failure;

describe('mutants', () => {
  let production: Variants;
  beforeAll(async () => {
    production = await loadVariants();
  });

  it.each(mutants)(
    '$name: without the rule that $without',
    async ({ replacements, focus = (configuration) => configuration }) => {
      const variants = await loadVariants(replacements);
      for (let seed = 1; seed <= MUTANT_SEEDS; seed++) {
        const configuration = focus(configurationOf(seed));
        if (failureOf(configuration, variants) !== null) {
          expect(failureOf(configuration, production), `seed ${seed} unmutated`).toBeNull();
          return;
        }
        await setImmediate();
      }
      expect.fail(`No seed up to ${MUTANT_SEEDS} noticed`);
    },
  );
});

it('a mutant whose text is not in the sources fails to load', async () => {
  const gone = { folder: 'packages/client/src/core', find: 'no such text', replace: '' };
  await expect(loadVariants([gone])).rejects.toThrow('0 times');
});
