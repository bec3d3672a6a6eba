/** Opening a document with a quarter of a million edits of history. */
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { countCodePoints, DocumentText, textChecksum, type TextOperation } from '@concord/ot';
import { randomClientId, type DocumentId } from '@concord/protocol';
import type { Store } from '@concord/server';
import type { Plan } from './comparison.ts';
import { concordAccounts } from './concord-accounts.ts';
import { createConcordDocument } from './concord-clients.ts';
import type { ClientKind, SideName } from './load-client.ts';
import type { IdleJob, OpeningJob } from './load-messages.ts';
import {
  LoadGenerator,
  removeDirectory,
  RunningServer,
  serverOf,
  temporaryDirectory,
  type ServerOptions,
} from './sides.ts';
import { latencyOf, type Latency } from './statistics.ts';
import { readTrace, type Trace } from './trace.ts';

export interface ColdOpen {
  readonly name: string;
  readonly side: SideName;
  readonly kind: ClientKind;
  readonly latency: Latency;
}

/** What one opening took. */
export interface OpeningCost {
  readonly ms: number;
  /** Processor time of all threads of the server. */
  readonly serverCpuMs: number;
}

/** The part of the store's port that writes histories. */
type HistoryStore = Pick<Store, 'log' | 'checkpoints' | 'close'>;

/** The server's checkpoint interval; the history ends just before the next checkpoint. */
const CHECKPOINT_EVERY_VERSIONS = 1_000;
const BATCH_OPERATIONS = 20;
const APPENDS_AT_ONCE = 500;
const AUTHOR = '0'.repeat(32);

export async function coldOpen(plan: Plan): Promise<ColdOpen[]> {
  const repetitions = plan.isQuick ? 3 : 9;
  const trace = readTrace(plan.tracesDirectory);
  const directory = await temporaryDirectory(plan.dataParent);
  try {
    plan.log(`  writing ${trace.operations.length} operations into Concord's store`);
    const id = await buildConcord(directory, trace, plan);
    const opens: ColdOpen[] = [];
    for (const kind of ['product', 'wire'] as const) {
      const cold: number[] = [];
      const warm: number[] = [];
      const peer: number[] = [];
      const expectedLength = countCodePoints(trace.endText);
      for (let repetition = 0; repetition < repetitions; repetition++) {
        const job: OpeningJob = { kind: 'opening', documentId: id, expectedLength };
        const server = await RunningServer.start('concord', plan, directory);
        const own = await openTwice(server, kind, job);
        cold.push(own.cold.ms);
        warm.push(own.warm.ms);
        const sharedb = await RunningServer.start('sharedb', plan);
        await sharedb.build(id, plan.tracesDirectory);
        peer.push((await openTwice(sharedb, kind, job)).cold.ms);
        plan.log(
          `  cold open, ${kind}: Concord ${own.cold.ms.toFixed(1)} ms, again ${own.warm.ms.toFixed(1)} ms; ` +
            `ShareDB from memory ${peer.at(-1)?.toFixed(1)} ms`,
        );
      }
      opens.push(
        { name: 'restarted, from disk', side: 'concord', kind, latency: latencyOf(cold) },
        { name: 'in memory', side: 'concord', kind, latency: latencyOf(warm) },
        { name: 'in memory', side: 'sharedb', kind, latency: latencyOf(peer) },
      );
    }
    return opens;
  } finally {
    await removeDirectory(directory);
  }
}

/** Opens with a fresh client each time, after a small document has warmed up both processes. Stops the server. */
export async function openTwice(
  server: RunningServer,
  kind: ClientKind,
  job: OpeningJob,
  checkout?: string,
): Promise<{ readonly cold: OpeningCost; readonly warm: OpeningCost }> {
  const load = new LoadGenerator(checkout);
  const open = async (): Promise<OpeningCost> => {
    const before = await server.usage();
    const ms = await load.run<number>(server, kind, job);
    return { ms, serverCpuMs: (await server.usage()).cpuMs - before.cpuMs };
  };
  try {
    const warmUp: IdleJob = { kind: 'idle', connections: 10, perDocument: 10, textLength: 1_000 };
    await load.run(server, kind, warmUp);
    await load.run(server, kind, { kind: 'disconnect' });
    return { cold: await open(), warm: await open() };
  } finally {
    await load.stop();
    // Killed: an orderly stop would write a checkpoint of the head, and leave no tail to replay.
    await server.stop('SIGKILL');
  }
}

/**
 * Writes the history of a document, with the last checkpoint that the server would have. The document is created by
 * the REST API, because older checkouts have another port for that; their log and checkpoints have the same one.
 */
export async function buildConcord(
  directory: string,
  trace: Trace,
  options: ServerOptions,
): Promise<string> {
  const documentId = (await createdByServer(directory, options)) as DocumentId;
  const store = await openStore(directory, options.checkout);
  const clientId = randomClientId();
  const at = Date.now();
  const { operations } = trace;
  let appends: Promise<void>[] = [];
  for (let from = 0; from < operations.length; from += BATCH_OPERATIONS) {
    const batch = operations.slice(from, from + BATCH_OPERATIONS);
    const logged = batch.map((op: TextOperation, index) => {
      return { clientId, seq: from + index + 1, author: AUTHOR, at, op };
    });
    appends.push(store.log.append({ documentId, firstVersion: from + 1, operations: logged }));
    if (appends.length === APPENDS_AT_ONCE) {
      await Promise.all(appends);
      appends = [];
    }
  }
  await Promise.all(appends);
  const version =
    Math.floor(operations.length / CHECKPOINT_EVERY_VERSIONS) * CHECKPOINT_EVERY_VERSIONS;
  const text = textAt(trace, version);
  await store.checkpoints.write(documentId, {
    version,
    compressedText: gzipSync(text, { level: 6 }),
    checksum: textChecksum(text),
    lengthCodePoints: countCodePoints(text),
  });
  await store.close();
  return documentId;
}

/** An empty document in the data directory, that all accounts may edit. */
async function createdByServer(directory: string, options: ServerOptions): Promise<string> {
  const server = await RunningServer.start('concord', options, directory);
  try {
    return await createConcordDocument(server.url, concordAccounts(server.url), '');
  } finally {
    await server.stop();
  }
}

function textAt({ operations }: Trace, version: number): string {
  let text = DocumentText.empty;
  for (const op of operations.slice(0, version)) text = text.apply(op);
  return text.toString();
}

/** Opens the server's internal store, the only way to write a history this fast. */
async function openStore(directory: string, checkout?: string): Promise<HistoryStore> {
  const path = new URL('./store/sqlite/sqlite-store.js', pathToFileURL(serverOf(checkout)));
  const module = (await import(path.href)) as {
    readonly openSqliteStore: (directory: string) => Promise<HistoryStore>;
  };
  return module.openSqliteStore(directory);
}
