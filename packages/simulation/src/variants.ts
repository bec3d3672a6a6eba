/** Cores, or a mutant of them, with production and with scaled constants; the seed chooses. */
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
