/** Seeds of a world on the command line: one of them, or many, up to the first red one unless all are wanted. */
import type { TraceSink } from './event-log.ts';
import type { SeedResult } from './world.ts';

export interface SeedArguments {
  readonly seed?: string | undefined;
  readonly seeds?: string | undefined;
  readonly from?: string | undefined;
  readonly mutant?: string | undefined;
  readonly trace?: boolean | undefined;
  readonly all?: boolean | undefined;
}

const PROGRESS_EVERY_SEEDS = 10_000;

/**
 * Returns whether all were green.
 * @param what the worlds are of, for the summary
 */
export function runSeeds(
  values: SeedArguments,
  what: string,
  run: (seed: number, trace: TraceSink | null) => SeedResult,
): boolean {
  if (values.seed !== undefined) {
    const sink = values.trace === true ? (line: string) => console.log(line) : null;
    const result = run(Number(values.seed), sink);
    console.log(JSON.stringify(result));
    return result.failure === null;
  }
  const from = Number(values.from ?? 1);
  const count = Number(values.seeds ?? 10_000);
  const startedAt = performance.now();
  let red = 0;
  for (let done = 1; done <= count; done++) {
    const seed = from + done - 1;
    const { failure } = run(seed, null);
    if (failure !== null) {
      red++;
      console.log(`Seed ${seed} is red: ${failure}`);
    }
    const isLast = done === count || (failure !== null && values.all !== true);
    if (isLast || done % PROGRESS_EVERY_SEEDS === 0) {
      const rate = Math.round((done * 1_000) / (performance.now() - startedAt));
      console.log(`${done} seeds of ${what} from ${from} on: ${red} red; ${rate} seeds per second`);
    }
    if (isLast) break;
  }
  return red === 0;
}
