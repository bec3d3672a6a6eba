/** The load generator, in its own process, the same for both sides. Jobs arrive over its IPC channel, one at a time. */
import { EventEmitter, once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { concordClients } from './concord-clients.ts';
import { concordWire } from './concord-wire.ts';
import { inTurn } from './in-turn.ts';
import type { ClientSource, LoadClient } from './load-client.ts';
import { LoadError } from './load-client.ts';
import type { IdleJob, JobRequest, LoadReport, OpeningJob, Target } from './load-messages.ts';
import { sharedbClients } from './sharedb-clients.ts';
import { sharedbWire } from './sharedb-wire.ts';
import { write } from './writing-job.ts';
import { randomText } from './writing.ts';

const report = (message: LoadReport): void => void process.send?.(message);
const idle: LoadClient[] = [];
/** Idle connections are opened in groups, so that no handshake waits long for the others. */
const CONNECT_AT_ONCE = 25;
const OPENING_TIMEOUT_MS = 30_000;

function sourceOf(target: Target): ClientSource {
  const others = (target.others ?? []).map((url) => sourceAt({ ...target, url }));
  return others.length === 0 ? sourceAt(target) : inTurn([sourceAt(target), ...others]);
}

function sourceAt({ side, kind, url, checkout }: Target): ClientSource {
  if (side === 'concord') {
    return kind === 'product' ? concordClients(url, checkout) : concordWire(url, checkout);
  }
  return kind === 'product' ? sharedbClients(url) : sharedbWire(url);
}

/** Returns milliseconds until the text is there, the operations included that follow the join. */
async function open(source: ClientSource, job: OpeningJob): Promise<number> {
  const received = new EventEmitter();
  const timeout = AbortSignal.timeout(OPENING_TIMEOUT_MS);
  const startedAt = performance.now();
  const client = await source.connect(job.documentId, () => received.emit('operation'));
  while (client.length !== job.expectedLength) {
    await once(received, 'operation', { signal: timeout }).catch(() => {
      throw new LoadError(`The text has ${client.length} characters, not ${job.expectedLength}`);
    });
  }
  const ms = performance.now() - startedAt;
  await client.close();
  return ms;
}

async function stay(source: ClientSource, job: IdleJob): Promise<readonly string[]> {
  const text = randomText(job.textLength, 1);
  const documents: string[] = [];
  for (let opened = 0; opened < job.connections; opened += job.perDocument) {
    const id = await source.createDocument(text);
    documents.push(id);
    for (let inRoom = 0; inRoom < job.perDocument; inRoom += CONNECT_AT_ONCE) {
      const count = Math.min(CONNECT_AT_ONCE, job.perDocument - inRoom);
      const connecting = Array.from({ length: count }, () => source.connect(id, () => undefined));
      idle.push(...(await Promise.all(connecting)));
    }
  }
  return documents;
}

async function run({ target, job }: JobRequest): Promise<unknown> {
  switch (job.kind) {
    case 'writing':
      return write(sourceOf(target), job, (event) => report({ event }));
    case 'opening':
      return open(sourceOf(target), job);
    case 'idle':
      return stay(sourceOf(target), job);
    case 'disconnect':
      await Promise.all(idle.splice(0).map((client) => client.close()));
      return null;
  }
}

process.on('message', (request: JobRequest) => {
  run(request).then(
    (result) => report({ event: 'done', result: result ?? null }),
    (error: unknown) => report({ event: 'failed', error: String(error) }),
  );
});
// A fault in a client's own callback ends the run as well.
process.on('uncaughtException', (error) => {
  report({ event: 'failed', error: error.stack ?? String(error) });
});
process.on('SIGTERM', () => process.exit(0));
// The parent process is gone.
process.on('disconnect', () => process.exit(0));
