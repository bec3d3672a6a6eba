/** A core, or a mutant of it, with production constants and with scaled ones: a seed says which it wants. */
import type { Configuration } from './configuration.ts';
import type { Cores } from './cores.ts';
import { loadCores, type Replacement } from './load-cores.ts';
import { scaledConstants } from './scaled-constants.ts';

export type Variants = Readonly<Record<Configuration['cores'], Cores>>;

export async function loadVariants(replacements: readonly Replacement[] = []): Promise<Variants> {
  return {
    production: await loadCores(replacements),
    scaled: await loadCores([...scaledConstants, ...replacements]),
  };
}
