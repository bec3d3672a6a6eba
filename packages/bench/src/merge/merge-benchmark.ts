/** Merges long branches with Concord, ShareDB and Yjs in alternation, with increasing numbers of edits. */
import { readTrace } from '../trace.ts';
import type { Plan } from '../comparison.ts';
import { median } from '../statistics.ts';
import { cutBranches, scatterBranches, type Branches } from './branches.ts';
import { MERGE_SYSTEMS, type MergeSystem, type ProcessFigures } from './merge-replica.ts';
import { MERGE_LIMIT_MS, runMerge, type MergeFigures, type Unfinished } from './merge-run.ts';

/** A line of the table. */
export interface MergePoint {
  readonly edits: number;
  /** Each edit is at a random place, instead of the recorded one. */
  readonly isScattered: boolean;
  readonly system: MergeSystem;
  /** Medians of the repetitions, or the phase that timed out at least once. */
  readonly figures: MergeFigures | Unfinished;
}

export const MERGE_EDITS = [100, 1_000, 10_000, 100_000] as const;
const QUICK_EDITS = [100, 1_000];
const WARM_UP_EDITS = 100;
const REPETITIONS = 3;
/** From this size on a merge takes minutes and varies little, so it is repeated less. */
const LONG_EDITS = 100_000;
/** Measured at random places as well. */
const SCATTERED_EDITS = 10_000;

/** @param edits on each side, instead of 100 up to 100,000 */
export async function longBranches(plan: Plan, edits?: readonly number[]): Promise<MergePoint[]> {
  const trace = readTrace(plan.tracesDirectory);
  const counts = edits ?? (plan.isQuick ? QUICK_EDITS : MERGE_EDITS);
  const warmUp = cutBranches(trace, WARM_UP_EDITS);
  const points: MergePoint[] = [];
  for (const count of counts) {
    const label = `${count} edits on each side`;
    for (const [system, figures] of await compare(plan, label, cutBranches(trace, count), warmUp)) {
      points.push({ edits: count, isScattered: false, system, figures });
    }
  }
  if (!counts.includes(SCATTERED_EDITS)) return points;
  const label = `${SCATTERED_EDITS} scattered edits on each side`;
  const scattered = scatterBranches(trace, SCATTERED_EDITS);
  for (const [system, figures] of await compare(plan, label, scattered, warmUp)) {
    points.push({ edits: SCATTERED_EDITS, isScattered: true, system, figures });
  }
  return points;
}

async function compare(
  plan: Plan,
  label: string,
  branches: Branches,
  warmUp: Branches,
): Promise<Map<MergeSystem, MergeFigures | Unfinished>> {
  const runs = new Map<MergeSystem, (MergeFigures | Unfinished)[]>();
  const repetitions = plan.isQuick || branches.offline.length >= LONG_EDITS ? 1 : REPETITIONS;
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const system of inTurn(repetition)) {
      const figures = await runMerge(system, branches, warmUp, plan);
      plan.log(`  ${label}, ${system}: ${inWords(figures)}`);
      runs.set(system, [...(runs.get(system) ?? []), figures]);
    }
  }
  const order = MERGE_SYSTEMS.map((system) => [system, medians(runs.get(system) ?? [])] as const);
  return new Map(order);
}

/** Rotates the order of the systems, so that a steady drift of the machine favours none. */
function inTurn(repetition: number): MergeSystem[] {
  const first = repetition % MERGE_SYSTEMS.length;
  return [...MERGE_SYSTEMS.slice(first), ...MERGE_SYSTEMS.slice(0, first)];
}

function medians(runs: readonly (MergeFigures | Unfinished)[]): MergeFigures | Unfinished {
  const finished = runs.filter((each) => typeof each !== 'string');
  const unfinished = runs.find((each) => typeof each === 'string');
  if (unfinished !== undefined) return unfinished;
  const of = (pick: (figures: MergeFigures) => number): number => median(finished.map(pick));
  const ofProcess = (pick: (figures: MergeFigures) => ProcessFigures): ProcessFigures => ({
    longestStallMs: of((figures) => pick(figures).longestStallMs),
    cpuMs: of((figures) => pick(figures).cpuMs),
    peakBytes: of((figures) => pick(figures).peakBytes),
  });
  return {
    convergedMs: of((figures) => figures.convergedMs),
    sentBytes: of((figures) => figures.sentBytes),
    receivedBytes: of((figures) => figures.receivedBytes),
    forwardedBytes: of((figures) => figures.forwardedBytes),
    server: ofProcess((figures) => figures.server),
    returning: ofProcess((figures) => figures.returning),
    staying: ofProcess((figures) => figures.staying),
    writingMs: of((figures) => figures.writingMs),
    extraCharacters: of((figures) => figures.extraCharacters),
  };
}

function inWords(figures: MergeFigures | Unfinished): string {
  if (figures === 'merging') return `not merged within ${MERGE_LIMIT_MS / 1_000} s`;
  if (figures === 'writing') return 'the branches were not written in time';
  const { server, returning, staying } = figures;
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
  const stalls = [server, returning, staying].map(({ longestStallMs }) =>
    longestStallMs.toFixed(0),
  );
  return (
    `${figures.convergedMs.toFixed(0)} ms, ${kib(figures.sentBytes)} sent, ` +
    `${kib(figures.receivedBytes)} received, ${kib(figures.forwardedBytes)} to the other, ` +
    `stalls ${stalls.join('/')} ms, processor ${server.cpuMs.toFixed(0)}/${returning.cpuMs.toFixed(0)} ms, ` +
    `written in ${figures.writingMs.toFixed(0)} ms, ${figures.extraCharacters} extra characters`
  );
}
