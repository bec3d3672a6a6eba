/** A database for one benchmark, and what a single durable write costs there. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { MongoClient } from 'mongodb';
import { findDatabase, freePort, startDatabase } from '../../../../scripts/mongodb/database.mjs';
import { LoadError } from '../load-client.ts';
import { removeDirectory, temporaryDirectory } from '../sides.ts';
import { latencyOf, type Latency } from '../statistics.ts';

export interface BenchDatabase {
  readonly name: string;
  /** With write concern and the name of a database, for every client alike. */
  readonly url: (database: string) => string;
  /** Processor time of its process so far, in milliseconds; on Linux only, else NaN. */
  readonly cpuMs: () => number;
  readonly stop: () => Promise<void>;
}

/** Throws LoadError when none can be had here. */
export async function databaseForBench(dataParent: string): Promise<BenchDatabase> {
  const found = findDatabase();
  if (found.reason !== undefined) throw new LoadError(`No database: ${found.reason}.`);
  const directory = await temporaryDirectory(dataParent);
  const running = await startDatabase(found.kind, directory, await freePort());
  return {
    name: found.name,
    url: (database) => {
      const url = new URL(running.url);
      url.pathname = database;
      url.searchParams.set('w', 'majority');
      url.searchParams.set('journal', 'true');
      return url.href;
    },
    cpuMs: () => cpuMsOf(running.pid),
    stop: async () => {
      await running.stop();
      await removeDirectory(directory);
    },
  };
}

/** Of a clock tick, as Linux counts processor time for other processes. */
const TICK_MS = 10;

function cpuMsOf(pid: number): number {
  try {
    // The name of the program, in parentheses, may hold spaces: the fields are counted from its end.
    const [, fields = ''] = /\) (.*)$/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    return ((user ?? NaN) + (system ?? NaN)) * TICK_MS;
  } catch {
    return NaN;
  }
}

export interface CommitTime {
  /** Writers that insert one row after the other. */
  readonly inFlight: number;
  readonly perSecond: number;
  readonly latency: Latency;
}

/** Bytes of a batch of one short edit, about. */
const ROW_BYTES = 300;

/** Inserts rows with the write concern of the address and nothing beside it: the least that an acknowledgement costs. */
export async function commitTime(
  url: string,
  inFlight: number,
  measureMs: number,
): Promise<CommitTime> {
  const client = new MongoClient(url);
  const rows = client.db().collection('commitTime');
  const times: number[] = [];
  const body = Buffer.alloc(ROW_BYTES);
  await rows.insertOne({ body });
  const startedAt = performance.now();
  const insertUntilDone = async (): Promise<void> => {
    while (performance.now() - startedAt < measureMs) {
      const sentAt = performance.now();
      await rows.insertOne({ body });
      times.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, insertUntilDone));
  const perSecond = (times.length / (performance.now() - startedAt)) * 1_000;
  await client.close();
  return { inFlight, perSecond, latency: latencyOf(times) };
}
