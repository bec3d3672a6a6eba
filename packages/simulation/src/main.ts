/**
 * Runs seeds, or replays one:
 *
 *   npm run simulate -- --seed 123 --trace          what happened in seed 123
 *   npm run simulate -- --seeds 100000 --from 5000  many seeds, up to the first red one; or --all
 *   npm run simulate -- --seed 7 --mutant noDedupe  a seed without a mechanism
 *   npm run simulate -- --tabs --seeds 10000        several tabs of one browser; also with --seed, --from, --mutant
 *   npm run simulate -- --cluster --seeds 10000     several nodes over one database; also with --seed, --from, --mutant
 *   npm run simulate -- --configuration '{…}'       a configuration that a red seed was shrunk to
 */
import { parseArgs } from 'node:util';
import { runCluster } from './cluster/run-cluster.ts';
import { configurationOf, type Configuration } from './configuration.ts';
import { noSuchMutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { reportFailure } from './report-failure.ts';
import { runTabs } from './tabs/run-tabs.ts';
import { loadVariants } from './variants.ts';
import { runWorld } from './world.ts';

const PROGRESS_EVERY_SEEDS = 10_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string' },
    configuration: { type: 'string' },
    mutant: { type: 'string' },
    tabs: { type: 'boolean' },
    cluster: { type: 'boolean' },
    trace: { type: 'boolean' },
    all: { type: 'boolean' },
  },
});

if (values.tabs === true) process.exit((await runTabs(values)) ? 0 : 1);
if (values.cluster === true) process.exit((await runCluster(values)) ? 0 : 1);

const mutant = mutants.find(({ name }) => name === values.mutant);
if (values.mutant !== undefined && mutant === undefined) {
  console.error(noSuchMutant(values.mutant, mutants));
  process.exit(2);
}
const variants = await loadVariants(mutant?.replacements);
const configurationFor = (seed: number): Configuration => {
  const configuration = configurationOf(seed);
  return mutant?.focus === undefined ? configuration : mutant.focus(configuration);
};

process.exitCode = (
  values.configuration !== undefined
    ? replay(JSON.parse(values.configuration) as Configuration)
    : values.seed !== undefined
      ? replay(configurationFor(Number(values.seed)))
      : runMany(Number(values.from ?? 1), Number(values.seeds ?? 10_000))
)
  ? 0
  : 1;

function replay(configuration: Configuration): boolean {
  const sink = values.trace === true ? (line: string) => console.log(line) : null;
  const result = runWorld(configuration, variants[configuration.cores], sink);
  console.log(JSON.stringify(result));
  if (result.failure !== null)
    console.log(reportFailure(configuration, result, variants, mutant?.name));
  return result.failure === null;
}

function runMany(from: number, count: number): boolean {
  const startedAt = performance.now();
  let red = 0;
  for (let done = 1; done <= count; done++) {
    const configuration = configurationFor(from + done - 1);
    const result = runWorld(configuration, variants[configuration.cores]);
    if (result.failure !== null) {
      red++;
      if (values.all !== true) {
        console.log(reportFailure(configuration, result, variants, mutant?.name));
        return false;
      }
      console.log(`Seed ${result.seed} is red: ${result.failure}`);
    }
    if (done % PROGRESS_EVERY_SEEDS === 0 || done === count) {
      const rate = Math.round((done * 1_000) / (performance.now() - startedAt));
      console.log(`${done} seeds from ${from} on: ${red} red; ${rate} seeds per second`);
    }
  }
  return red === 0;
}
