/** Concord on MongoDB beside Concord on SQLite and ShareDB with sharedb-mongo, all on one database server. */
import {
  measureWriting,
  medians,
  TEXT_LENGTH,
  type Plan,
  type WritingFigures,
} from '../comparison.ts';
import { CLIENT_KINDS, type ClientKind } from '../load-client.ts';
import { LoadGenerator, RunningServer } from '../sides.ts';
import { commitTime, databaseForBench, type CommitTime } from './database-for-bench.ts';

export const CONTESTANTS = [
  'Concord, MongoDB',
  'ShareDB, sharedb-mongo',
  'Concord, SQLite',
] as const;
export type Contestant = (typeof CONTESTANTS)[number];

export interface MongodbPoint {
  readonly clients: number;
  readonly kind: ClientKind;
  readonly figures: Readonly<Record<Contestant, WritingFigures>>;
}

export interface MongodbResults {
  readonly database: string;
  readonly commits: readonly CommitTime[];
  readonly points: readonly MongodbPoint[];
}

/** @param clients of one hot document, each a point */
export async function mongodbBeside(
  plan: Plan,
  clients: readonly number[],
): Promise<MongodbResults> {
  const database = await databaseForBench(plan.dataParent);
  const servers: RunningServer[] = [];
  const load = new LoadGenerator();
  try {
    plan.log(`  the database is ${database.name}`);
    const commits: CommitTime[] = [];
    for (const inFlight of [1, 8]) {
      const commit = await commitTime(
        database.url('commits'),
        inFlight,
        plan.isQuick ? 1_000 : 5_000,
      );
      commits.push(commit);
      const { p50, p99 } = commit.latency;
      plan.log(
        `  inserts alone, ${inFlight} at once: ${commit.perSecond.toFixed(0)}/s, p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`,
      );
    }
    const concord = (environment: Record<string, string>): Promise<RunningServer> =>
      RunningServer.start('concord', {
        ...plan,
        environment: { ...plan.environment, ...environment },
      });
    servers.push(await concord({ CONCORD_STORE: database.url('concord') }));
    const environment = { SHAREDB_MONGODB: database.url('sharedb') };
    servers.push(await RunningServer.start('sharedb', { ...plan, environment }));
    servers.push(await concord({}));
    const points: MongodbPoint[] = [];
    for (const kind of CLIENT_KINDS) {
      for (const count of clients) points.push(await pointOf(plan, load, servers, kind, count));
    }
    return { database: database.name, commits, points };
  } finally {
    await load.stop();
    for (const server of servers) await server.stop();
    await database.stop();
  }
}

/** Repetitions with fresh documents; each begins with another contestant. */
async function pointOf(
  plan: Plan,
  load: LoadGenerator,
  servers: readonly RunningServer[],
  kind: ClientKind,
  clients: number,
): Promise<MongodbPoint> {
  const [warmupMs, measureMs, repetitions] = plan.isQuick ? [1_000, 2_000, 2] : [2_000, 5_000, 3];
  const runs = CONTESTANTS.map((): WritingFigures[] => []);
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (let turn = 0; turn < servers.length; turn += 1) {
      const index = (turn + repetition) % servers.length;
      const server = servers[index];
      if (server === undefined) continue;
      await server.whenIdle();
      const figures = await measureWriting(server, load, kind, {
        kind: 'writing',
        documents: 1,
        writersPerDocument: clients,
        readersPerDocument: 0,
        paceHz: null,
        textLength: TEXT_LENGTH,
        warmupMs,
        measureMs,
        seed: 1 + repetition,
      });
      runs[index]?.push(figures);
      plan.log(
        `  ${clients} clients, ${kind}, ${CONTESTANTS[index]}: ${figures.editsPerSecond.toFixed(0)}/s, ` +
          `acknowledged p50 ${figures.acknowledged.p50.toFixed(2)} p99 ${figures.acknowledged.p99.toFixed(2)} ms`,
      );
    }
  }
  const figures = Object.fromEntries(
    CONTESTANTS.map((name, index) => [name, medians(runs[index] ?? [])]),
  ) as Record<Contestant, WritingFigures>;
  return { clients, kind, figures };
}
