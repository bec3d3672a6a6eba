/**
 * This checkout beside another one, such as the commit before a change: both servers with the clients of their own
 * checkout, in turn (A B, B A, …), so that a steady drift of the machine favours none. Each pair gives a ratio; the
 * median of the ratios is the result, and the interval of that median says how far it can be trusted. Where others load
 * the machine, both of a pair run at once instead (`--together`), writers in lockstep (lockstep.ts).
 */
import { countCodePoints } from '@concord/ot';
import { buildConcord, openTwice } from './cold-open.ts';
import { measureWriting, TEXT_LENGTH, type Plan, type WritingFigures } from './comparison.ts';
import type { ClientKind } from './load-client.ts';
import type { WritingJob } from './load-messages.ts';
import { inLockstep } from './lockstep.ts';
import { cutBranches } from './merge/branches.ts';
import { runMerge } from './merge/merge-run.ts';
import { removeDirectory, RunningServer, LoadGenerator, temporaryDirectory } from './sides.ts';
import { alternating, median, medianInterval } from './statistics.ts';
import { table } from './table-cells.ts';
import { readTrace } from './trace.ts';

const CHECKOUTS = ['before', 'after'] as const;
type Checkout = (typeof CHECKOUTS)[number];

/** One figure of one benchmark, in its own unit. */
export interface Ratio {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** After ÷ before: the median of all pairs, where it lies with 95 % confidence, and the lowest and highest pair. */
  readonly ratio: number;
  readonly interval: readonly [number, number];
  readonly lowest: number;
  readonly highest: number;
  readonly pairs: number;
}

/** What is compared of a run, each named with its unit. */
type Figures = Readonly<Record<string, number>>;

const MERGE_EDITS = 10_000;
const MERGE_WARM_UP_EDITS = 100;

/** @param before directory of the other checkout, built */
export async function beforeAndAfter(
  plan: Plan,
  before: string,
  only: readonly string[],
  clients: readonly number[],
): Promise<Ratio[]> {
  const plans: Record<Checkout, Plan> = { before: { ...plan, checkout: before }, after: plan };
  const ratios: Ratio[] = [];
  const note = (made: readonly Ratio[]): void => {
    ratios.push(...made);
    for (const each of made) plan.log(`  ${inWords(each)}`);
  };
  for (const kind of plan.kinds) {
    const alone = { documents: 1, readersPerDocument: 0, paceHz: null };
    for (const writersPerDocument of only.includes('hot') ? clients : []) {
      const name = `${writersPerDocument} clients, ${kind}`;
      note(await writing(plans, name, kind, { ...alone, writersPerDocument }));
    }
    if (only.includes('documents')) {
      const job = { ...alone, documents: 200, writersPerDocument: 2 };
      note(await writing(plans, `200 documents, ${kind}`, kind, job));
    }
    if (only.includes('open')) note(await opening(plans, kind));
  }
  if (only.includes('merge')) note(await merging(plans));
  return ratios;
}

async function writing(
  plans: Record<Checkout, Plan>,
  name: string,
  kind: ClientKind,
  job: Omit<WritingJob, 'kind' | 'warmupMs' | 'measureMs' | 'seed' | 'textLength'>,
): Promise<Ratio[]> {
  const { isQuick, isTogether, pairs, seconds = isTogether ? 60 : 5 } = plans.after;
  if (isTogether) {
    const { documents, writersPerDocument: clientsPerDocument } = job;
    const fixed = { documents, clientsPerDocument, textLength: TEXT_LENGTH, seconds };
    const [before, after] = await inLockstep(kind, [plans.before, plans.after], fixed);
    return [ratioOf(`${name}: server CPU ms for 1,000 edits, one at a time`, before, after)];
  }
  const times = isQuick
    ? { warmupMs: 500, measureMs: 1_000 }
    : { warmupMs: 2_000, measureMs: 1_000 * seconds };
  const servers = {
    before: await RunningServer.start('concord', plans.before),
    after: await RunningServer.start('concord', plans.after),
  };
  const loads = {
    before: new LoadGenerator(plans.before.checkout),
    after: new LoadGenerator(),
  };
  try {
    return await inPairs(plans, name, pairs ?? (isQuick ? 2 : 8), async (checkout, pair) => {
      const whole = { kind: 'writing', seed: 1 + pair, textLength: TEXT_LENGTH, ...times } as const;
      const server = servers[checkout];
      await Promise.all(CHECKOUTS.map((each) => servers[each].whenIdle()));
      return figuresOf(await measureWriting(server, loads[checkout], kind, { ...whole, ...job }));
    });
  } finally {
    for (const checkout of CHECKOUTS) {
      await loads[checkout].stop();
      await servers[checkout].stop();
    }
  }
}

const figuresOf = (figures: WritingFigures): Figures => ({
  'ms an edit': 1_000 / figures.editsPerSecond,
  'ms until acknowledged, p50': figures.acknowledged.p50,
  'server CPU ms for 1,000 edits': figures.serverCpuPer1000Edits,
});

async function opening(plans: Record<Checkout, Plan>, kind: ClientKind): Promise<Ratio[]> {
  const trace = readTrace(plans.after.tracesDirectory);
  const expectedLength = countCodePoints(trace.endText);
  const built = {
    before: await builtDocument(plans.before),
    after: await builtDocument(plans.after),
  };
  try {
    const { isQuick, pairs = isQuick ? 2 : 8 } = plans.after;
    return await inPairs(plans, `opening 259,778 edits, ${kind}`, pairs, async (checkout) => {
      const { directory, documentId } = built[checkout];
      const plan = plans[checkout];
      const server = await RunningServer.start('concord', plan, directory);
      const job = { kind: 'opening', documentId, expectedLength } as const;
      const { cold, warm } = await openTwice(server, kind, job, plan.checkout);
      return {
        'ms from disk': cold.ms,
        'server CPU ms from disk': cold.serverCpuMs,
        'ms from memory': warm.ms,
        'server CPU ms from memory': warm.serverCpuMs,
      };
    });
  } finally {
    for (const checkout of CHECKOUTS) await removeDirectory(built[checkout].directory);
  }
}

async function builtDocument(plan: Plan): Promise<{ directory: string; documentId: string }> {
  const directory = await temporaryDirectory(plan.dataParent);
  const trace = readTrace(plan.tracesDirectory);
  return { directory, documentId: await buildConcord(directory, trace, plan) };
}

async function merging(plans: Record<Checkout, Plan>): Promise<Ratio[]> {
  const trace = readTrace(plans.after.tracesDirectory);
  const branches = cutBranches(trace, plans.after.isQuick ? 1_000 : MERGE_EDITS);
  const warmUp = cutBranches(trace, MERGE_WARM_UP_EDITS);
  const name = `merging ${branches.offline.length} edits of each side`;
  const { isQuick, pairs = isQuick ? 1 : 6 } = plans.after;
  return inPairs(plans, name, pairs, async (checkout) => {
    const figures = await runMerge('concord', branches, warmUp, plans[checkout]);
    if (typeof figures === 'string') return { 'ms until converged': NaN };
    return { 'ms until converged': figures.convergedMs, 'server CPU ms': figures.server.cpuMs };
  });
}

/** Runs both checkouts in turn, or both at once, and compares each pair. */
async function inPairs(
  plans: Record<Checkout, Plan>,
  name: string,
  repetitions: number,
  run: (checkout: Checkout, pair: number) => Promise<Figures>,
): Promise<Ratio[]> {
  const runs: Record<Checkout, Figures[]> = { before: [], after: [] };
  const { isTogether, log } = plans.after;
  const measure = async (checkout: Checkout, pair: number): Promise<void> => {
    const figures = await run(checkout, pair);
    runs[checkout].push(figures);
    const all = Object.entries(figures).map(([figure, value]) => `${figure} ${value.toFixed(3)}`);
    log(`  ${name}, ${checkout}: ${all.join(', ')}`);
  };
  if (isTogether) {
    for (let pair = 0; pair < repetitions; pair++) {
      await Promise.all(CHECKOUTS.map((checkout) => measure(checkout, pair)));
    }
  } else {
    const order = alternating<Checkout>('before', 'after', repetitions);
    for (const [index, checkout] of order.entries()) {
      await measure(checkout, Math.floor(index / 2));
    }
  }
  return Object.keys(runs.after[0] ?? {}).map((figure) => {
    const [befores, afters] = CHECKOUTS.map((checkout) =>
      runs[checkout].map((figures) => figures[figure] ?? NaN),
    ) as [number[], number[]];
    return ratioOf(`${name}: ${figure}`, befores, afters);
  });
}

function ratioOf(name: string, befores: readonly number[], afters: readonly number[]): Ratio {
  const ratios = afters.map((after, pair) => after / (befores[pair] ?? NaN));
  return {
    name,
    before: median(befores),
    after: median(afters),
    ratio: median(ratios),
    interval: medianInterval(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    pairs: ratios.length,
  };
}

const inWords = ({ name, before, after, ratio, interval, pairs }: Ratio): string =>
  `${name}: ${before.toFixed(3)} before, ${after.toFixed(3)} after: ${ratio.toFixed(3)} (${between(interval)}, ${pairs} pairs)`;

const between = ([low, high]: readonly [number, number]): string =>
  `${low.toFixed(3)} to ${high.toFixed(3)}`;

/** As a Markdown table. */
export function ratioTable(ratios: readonly Ratio[]): string {
  const rows = ratios.map(({ name, before, after, ratio, interval, lowest, highest, pairs }) => [
    name,
    before.toFixed(3),
    after.toFixed(3),
    ratio.toFixed(3),
    between(interval),
    `${pairs}: ${lowest.toFixed(2)} to ${highest.toFixed(2)}`,
  ]);
  return table(['', 'before', 'after', 'after ÷ before', 'with 95 % confidence', 'pairs'], rows);
}
