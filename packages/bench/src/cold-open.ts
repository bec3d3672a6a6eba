/** Opening a document with a quarter of a million edits of history. */
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { countCodePoints, DocumentText, textChecksum, type TextOperation } from '@concord/ot';
import { randomClientId, randomDocumentId } from '@concord/protocol';
import type { Store } from '@concord/server';
import type { Plan } from './comparison.ts';
import type { ClientKind, SideName } from './load-client.ts';
import type { IdleJob, OpeningJob } from './load-messages.ts';
import {
  LoadGenerator,
  removeDirectory,
  RunningServer,
  serverOf,
  temporaryDirectory,
} from './sides.ts';
import { latencyOf, type Latency } from './statistics.ts';
import { readTrace, type Trace } from './trace.ts';

export interface ColdOpen {
  readonly name: string;
  readonly side: SideName;
  readonly kind: ClientKind;
  readonly latency: Latency;
}

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
    const id = await buildConcord(directory, trace);
    const opens: ColdOpen[] = [];
    for (const kind of ['product', 'wire'] as const) {
      const cold: number[] = [];
      const warm: number[] = [];
      const peer: number[] = [];
      const expectedLength = countCodePoints(trace.endText);
      for (let repetition = 0; repetition < repetitions; repetition++) {
        const job: OpeningJob = { kind: 'opening', documentId: id, expectedLength };
        const server = await RunningServer.start('concord', plan, directory);
        const [first = NaN, second = NaN] = await openTwice(server, kind, job);
        cold.push(first);
        warm.push(second);
        const sharedb = await RunningServer.start('sharedb', plan);
        await sharedb.build(id, plan.tracesDirectory);
        peer.push((await openTwice(sharedb, kind, job))[0] ?? NaN);
        plan.log(
          `  cold open, ${kind}: Concord ${first.toFixed(1)} ms, again ${second.toFixed(1)} ms; ` +
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
): Promise<number[]> {
  const load = new LoadGenerator(checkout);
  try {
    const warmUp: IdleJob = { kind: 'idle', connections: 10, perDocument: 10, textLength: 1_000 };
    await load.run(server, kind, warmUp);
    await load.run(server, kind, { kind: 'disconnect' });
    return [await load.run<number>(server, kind, job), await load.run<number>(server, kind, job)];
  } finally {
    await load.stop();
    // Killed: an orderly stop would write a checkpoint of the head, and leave no tail to replay.
    await server.stop('SIGKILL');
  }
}

/** Writes the history through the store port, with the last checkpoint that the server would have. */
export async function buildConcord(
  directory: string,
  trace: Trace,
  checkout?: string,
): Promise<string> {
  const store = await openStore(directory, checkout);
  const documentId = randomDocumentId();
  const clientId = randomClientId();
  const at = Date.now();
  const record = {
    id: documentId,
    title: 'Paper',
    createdBy: AUTHOR,
    createdAt: at,
    updatedAt: at,
  };
  await store.documents.createWithText({ record, anyone: 'editor', operations: [], folder: '' });
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

function textAt({ operations }: Trace, version: number): string {
  let text = DocumentText.empty;
  for (const op of operations.slice(0, version)) text = text.apply(op);
  return text.toString();
}

/** Opens the server's internal store, the only way to write a history this fast. */
async function openStore(directory: string, checkout?: string): Promise<Store> {
  const path = new URL('./store/sqlite/sqlite-store.js', pathToFileURL(serverOf(checkout)));
  const module = (await import(path.href)) as {
    readonly openSqliteStore: (directory: string) => Promise<Store>;
  };
  return module.openSqliteStore(directory);
}
