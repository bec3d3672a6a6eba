/** One replica in its own process, as in its own page. Requests arrive over the IPC channel, one at a time. */
import { textChecksum, type TextOperation } from '@concord/ot';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { concordReplicas } from './concord-replica.ts';
import {
  MergeError,
  type MergeReplica,
  type MergeSystem,
  type ReplicaQuestion,
  type ReplicaSource,
  type ReplicaState,
} from './merge-replica.ts';
import { sharedbReplicas } from './sharedb-replica.ts';
import { StallWatch } from './stall-watch.ts';
import { yjsReplicas } from './yjs-replica.ts';

/** Edits made in one turn of the event loop, so that timers and sockets are served between. */
const EDITS_PER_TURN = 100;
const READING_LIMIT_MS = 30_000;
const READING_POLL_MS = 20;

const watch = new StallWatch();
const source = sourceOf(process.env['SYSTEM'] as MergeSystem, process.env['URL'] ?? '');
let replica: MergeReplica | null = null;
let lastAtMs = 0;

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const happened = (): void => void (lastAtMs = nowMs());

function sourceOf(system: MergeSystem, url: string): ReplicaSource {
  if (system === 'concord') return concordReplicas(url, process.env['CHECKOUT']);
  if (system === 'sharedb') return sharedbReplicas(url);
  return yjsReplicas(url, system === 'yjsReloaded');
}

function opened(): MergeReplica {
  if (replica === null) throw new MergeError('There is no replica yet');
  return replica;
}

/** Returns milliseconds. */
async function write(
  operations: readonly TextOperation[],
  isEachAcknowledged: boolean,
): Promise<number> {
  const target = opened();
  const startedAt = nowMs();
  for (const [index, operation] of operations.entries()) {
    target.edit(operation);
    if (isEachAcknowledged) await target.whenSettled();
    else if (index % EDITS_PER_TURN === 0) await turn();
  }
  return nowMs() - startedAt;
}

/** Resolves as soon as the server's text has the expected checksum: a tail may follow the join in frames of its own. */
async function serverChecksum(documentId: string, expected: number): Promise<number> {
  const reader = await source.open(documentId, () => undefined);
  const until = nowMs() + READING_LIMIT_MS;
  let checksum = textChecksum(reader.text);
  while (checksum !== expected && nowMs() < until) {
    await delay(READING_POLL_MS);
    checksum = textChecksum(reader.text);
  }
  await reader.close();
  return checksum;
}

function state(): ReplicaState {
  const { length, isSettled } = opened();
  return { length, isSettled, lastAtMs };
}

async function answer(question: ReplicaQuestion): Promise<unknown> {
  switch (question.ask) {
    case 'create':
      return source.createDocument(question.text);
    case 'open':
      replica = await source.open(question.documentId, happened);
      return null;
    case 'write':
      return write(question.operations, question.acknowledged);
    case 'watch':
      return watch.begin();
    case 'connect': {
      const at = nowMs();
      opened().connect();
      return at;
    }
    case 'state':
      return state();
    case 'checksum':
      return textChecksum(opened().text);
    case 'serverChecksum':
      return serverChecksum(question.documentId, question.expected);
    case 'figures':
      return watch.figures();
    case 'close':
      await opened().close();
      replica = null;
      return null;
  }
}

process.on('message', (question: ReplicaQuestion) => {
  answer(question).then(
    (value) => process.send?.({ answer: value ?? null }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
// A fault in a library's own callback ends the run as well.
process.on('uncaughtException', (error) => {
  process.send?.({ failed: error.stack ?? String(error) });
});
process.on('SIGTERM', () => process.exit(0));
// The parent process is gone.
process.on('disconnect', () => process.exit(0));
