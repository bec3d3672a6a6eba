/** Measures one point on both sides in alternation, and compares the medians. */
import type { ClientKind, SideName } from './load-client.ts';
import type { WritingJob, WritingResult } from './load-messages.ts';
import { LoadGenerator, RunningServer, type ServerOptions } from './sides.ts';
import { alternating, latencyOf, median, type Latency } from './statistics.ts';

export const SIDES = ['concord', 'sharedb'] as const;

/** Durations and repetitions, shared by all benchmarks of a run. */
export interface Plan extends ServerOptions {
  readonly isQuick: boolean;
  /** Idle connections of one node; a default when left out. */
  readonly connections?: number;
  /** Pairs of runs where two checkouts are compared; a default for each benchmark when left out. */
  readonly pairs?: number;
  /** Measured of each run where two checkouts are compared; a default when left out. */
  readonly seconds?: number;
  /** Two checkouts are measured at once, rather than in turn. */
  readonly isTogether: boolean;
  /** Client kinds where two checkouts are compared. */
  readonly kinds: readonly ClientKind[];
  readonly tracesDirectory: string;
  readonly attacks: readonly string[];
  readonly log: (line: string) => void;
}

/** One repetition, or the medians of all. */
export interface WritingFigures {
  readonly editsPerSecond: number;
  readonly acknowledged: Latency;
  readonly visible: Latency;
  /** Milliseconds of the server's processor time, all threads. */
  readonly serverCpuPer1000Edits: number;
  /** Shares of one core: the server's threads together, its event loop, the load generator. */
  readonly serverCpu: number;
  readonly serverLoop: number;
  readonly loadCpu: number;
}

export type BySide<T> = Readonly<Record<SideName, T>>;

/** A server and a load generator for each side, for one benchmark. */
export class Arena {
  readonly servers: BySide<RunningServer>;
  readonly loads: BySide<LoadGenerator>;

  private constructor(servers: BySide<RunningServer>) {
    this.servers = servers;
    this.loads = { concord: new LoadGenerator(), sharedb: new LoadGenerator() };
  }

  static async open(plan: Plan): Promise<Arena> {
    return new Arena({
      concord: await RunningServer.start('concord', plan),
      sharedb: await RunningServer.start('sharedb', plan),
    });
  }

  async close(): Promise<void> {
    for (const side of SIDES) {
      await this.loads[side].stop();
      await this.servers[side].stop();
    }
  }

  write(side: SideName, kind: ClientKind, job: WritingJob): Promise<WritingFigures> {
    return measureWriting(this.servers[side], this.loads[side], kind, job);
  }
}

/** One run of one server: its processor time is read when measuring begins and ends. */
export async function measureWriting(
  server: RunningServer,
  load: LoadGenerator,
  kind: ClientKind,
  job: WritingJob,
): Promise<WritingFigures> {
  const usages: ReturnType<RunningServer['usage']>[] = [];
  const result = await load.run<WritingResult>(server, kind, job, () => {
    usages.push(server.usage());
  });
  const [before, after] = await Promise.all(usages);
  if (before === undefined || after === undefined) throw new Error('Nothing was measured');
  const cpuMs = after.cpuMs - before.cpuMs;
  const activeMs = after.loopActiveMs - before.loopActiveMs;
  const idleMs = after.loopIdleMs - before.loopIdleMs;
  const { acknowledgedEdits, measuredMs, toAcknowledged, toVisible, loadCpuMs } = result;
  return {
    editsPerSecond: (acknowledgedEdits / measuredMs) * 1_000,
    acknowledged: latencyOf(toAcknowledged),
    visible: latencyOf(toVisible),
    serverCpuPer1000Edits: (cpuMs / acknowledgedEdits) * 1_000,
    serverCpu: cpuMs / measuredMs,
    serverLoop: activeMs / (activeMs + idleMs),
    loadCpu: loadCpuMs / measuredMs,
  };
}

/** One point: `repetitions` runs of each side, A B B A, with fresh documents and clients. */
export async function compareWriting(
  arena: Arena,
  plan: Plan,
  name: string,
  kind: ClientKind,
  job: Omit<WritingJob, 'kind' | 'warmupMs' | 'measureMs' | 'seed' | 'textLength'>,
): Promise<BySide<WritingFigures>> {
  const times = plan.isQuick
    ? { warmupMs: 1_000, measureMs: 2_000, repetitions: 2 }
    : { warmupMs: 2_000, measureMs: 5_000, repetitions: 4 };
  const { warmupMs, measureMs, repetitions } = times;
  const runs: Record<SideName, WritingFigures[]> = { concord: [], sharedb: [] };
  for (const [index, side] of alternating<SideName>('concord', 'sharedb', repetitions).entries()) {
    const seed = 1 + Math.floor(index / 2);
    const common = { kind: 'writing', warmupMs, measureMs, seed, textLength: TEXT_LENGTH } as const;
    const figures = await arena.write(side, kind, { ...common, ...job });
    runs[side].push(figures);
    plan.log(
      `  ${name}, ${kind}, ${side}: ${figures.editsPerSecond.toFixed(0)}/s, ` +
        `acknowledged p50 ${figures.acknowledged.p50.toFixed(2)} p99 ${figures.acknowledged.p99.toFixed(2)} ms, ` +
        `visible p50 ${figures.visible.p50.toFixed(2)} p99 ${figures.visible.p99.toFixed(2)} ms, ` +
        `server ${percent(figures.serverCpu)} (loop ${percent(figures.serverLoop)}), load ${percent(figures.loadCpu)}`,
    );
  }
  return { concord: medians(runs.concord), sharedb: medians(runs.sharedb) };
}

/** Code points of a document before the first edit, and on average: a note of three pages. */
export const TEXT_LENGTH = 10_000;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Of each figure, over the runs. */
export function medians(runs: readonly WritingFigures[]): WritingFigures {
  const of = (pick: (figures: WritingFigures) => number): number => median(runs.map(pick));
  const latency = (pick: (figures: WritingFigures) => Latency): Latency => ({
    p50: of((figures) => pick(figures).p50),
    p99: of((figures) => pick(figures).p99),
    samples: of((figures) => pick(figures).samples),
  });
  return {
    editsPerSecond: of((figures) => figures.editsPerSecond),
    acknowledged: latency((figures) => figures.acknowledged),
    visible: latency((figures) => figures.visible),
    serverCpuPer1000Edits: of((figures) => figures.serverCpuPer1000Edits),
    serverCpu: of((figures) => figures.serverCpu),
    serverLoop: of((figures) => figures.serverLoop),
    loadCpu: of((figures) => figures.loadCpu),
  };
}
