/** One, two and three nodes over one database, with the same hot documents: how throughput and work grow. */
import { setTimeout as delay } from 'node:timers/promises';
import { TEXT_LENGTH, type Plan } from '../comparison.ts';
import type { WritingJob, WritingResult } from '../load-messages.ts';
import { databaseForBench, type BenchDatabase } from '../mongodb/database-for-bench.ts';
import type { Usage } from '../server-probe.ts';
import { LoadGenerator } from '../sides.ts';
import { latencyOf, median, type Latency } from '../statistics.ts';
import { RunningCluster } from './running-cluster.ts';

/** One run, or the medians of several. Shares are of one core. */
export interface ScalingFigures {
  readonly editsPerSecond: number;
  readonly acknowledged: Latency;
  /** Milliseconds of all threads: of all nodes together, and of the database. */
  readonly nodesCpuPer1000Edits: number;
  readonly databaseCpuPer1000Edits: number;
  /** By node, the busiest first. */
  readonly nodeCpu: readonly number[];
  readonly databaseCpu: number;
  readonly loadCpu: number;
}

export interface ScalingPoint extends ScalingFigures {
  readonly nodes: number;
  readonly load: string;
}

export const HOT_DOCUMENTS = 20;
export const WRITERS_PER_DOCUMENT = 4;
const NODES = [1, 2, 3] as const;
/** In closed loop the machine is the bound; paced, the work of one edit is compared at the same throughput. */
const LOADS = [
  { load: 'as fast as acknowledged', paceHz: null },
  { load: '5 edits/s of each writer', paceHz: 5 },
] as const;
/** Work that is put off, such as indexing, is done before the next run. */
const REST_MS = 4_000;

export async function scaling(plan: Plan): Promise<readonly ScalingPoint[]> {
  const database = await databaseForBench(plan.dataParent);
  // There and back, so that a machine that becomes slower or faster hits all alike.
  const order = plan.isQuick ? NODES : [...NODES, ...NODES.toReversed()];
  const runs = new Map<string, ScalingFigures[]>();
  try {
    plan.log(`  the database is ${database.name}`);
    for (const [turn, nodes] of order.entries()) {
      const cluster = new RunningCluster(plan, database, `scaling${turn}`);
      const load = new LoadGenerator();
      try {
        while (cluster.size < nodes) await cluster.join();
        for (const { load: name, paceHz } of LOADS) {
          const figures = await measure(plan, cluster, database, load, paceHz, turn);
          plan.log(`  ${nodes} nodes, ${name}: ${JSON.stringify(figures)}`);
          const key = `${nodes} ${name}`;
          runs.set(key, [...(runs.get(key) ?? []), figures]);
        }
      } finally {
        await load.stop();
        await cluster.stop();
      }
    }
  } finally {
    await database.stop();
  }
  return LOADS.flatMap(({ load }) =>
    NODES.map((nodes) => ({ nodes, load, ...mediansOf(runs.get(`${nodes} ${load}`) ?? []) })),
  );
}

async function measure(
  plan: Plan,
  cluster: RunningCluster,
  database: BenchDatabase,
  load: LoadGenerator,
  paceHz: number | null,
  seed: number,
): Promise<ScalingFigures> {
  const [warmupMs, measureMs] = plan.isQuick ? [1_000, 3_000] : [3_000, 10_000];
  await delay(REST_MS);
  const readings: Promise<{ readonly nodes: readonly Usage[]; readonly databaseMs: number }>[] = [];
  const read = async () => {
    const databaseMs = database.cpuMs();
    return { nodes: await cluster.usage(), databaseMs };
  };
  const job: WritingJob = {
    kind: 'writing',
    documents: HOT_DOCUMENTS,
    writersPerDocument: WRITERS_PER_DOCUMENT,
    ...{ readersPerDocument: 0, paceHz, textLength: TEXT_LENGTH, warmupMs, measureMs, seed },
  };
  const result = await load.run<WritingResult>(cluster.target, 'wire', job, () => {
    readings.push(read());
  });
  const [before, after] = await Promise.all(readings);
  if (before === undefined || after === undefined) throw new Error('Nothing was measured');
  const { acknowledgedEdits, measuredMs, toAcknowledged, loadCpuMs } = result;
  const byNode = after.nodes.map(({ cpuMs }, index) => cpuMs - (before.nodes[index]?.cpuMs ?? 0));
  const databaseMs = after.databaseMs - before.databaseMs;
  const per1000 = (ms: number): number => (ms / acknowledgedEdits) * 1_000;
  return {
    editsPerSecond: (acknowledgedEdits / measuredMs) * 1_000,
    acknowledged: latencyOf(toAcknowledged),
    nodesCpuPer1000Edits: per1000(byNode.reduce((sum, ms) => sum + ms, 0)),
    databaseCpuPer1000Edits: per1000(databaseMs),
    nodeCpu: byNode.map((ms) => ms / measuredMs).toSorted((a, b) => b - a),
    databaseCpu: databaseMs / measuredMs,
    loadCpu: loadCpuMs / measuredMs,
  };
}

function mediansOf(runs: readonly ScalingFigures[]): ScalingFigures {
  const of = (pick: (figures: ScalingFigures) => number): number => median(runs.map(pick));
  return {
    editsPerSecond: of((run) => run.editsPerSecond),
    acknowledged: {
      p50: of((run) => run.acknowledged.p50),
      p99: of((run) => run.acknowledged.p99),
      samples: of((run) => run.acknowledged.samples),
    },
    nodesCpuPer1000Edits: of((run) => run.nodesCpuPer1000Edits),
    databaseCpuPer1000Edits: of((run) => run.databaseCpuPer1000Edits),
    nodeCpu: (runs[0]?.nodeCpu ?? []).map((_, index) => of((run) => run.nodeCpu[index] ?? NaN)),
    databaseCpu: of((run) => run.databaseCpu),
    loadCpu: of((run) => run.loadCpu),
  };
}
