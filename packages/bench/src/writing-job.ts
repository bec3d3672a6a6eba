/** Writers and readers of documents, in closed loop or paced. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { TextOperation } from '@concord/ot';
import { LoadError, type ClientSource, type LoadClient } from './load-client.ts';
import type { WritingJob, WritingResult } from './load-messages.ts';
import { randomText, Words, Writer } from './writing.ts';

const SETTLE_TIMEOUT_MS = 20_000;
/** Maximum of concurrent document creations or connections. */
const AT_ONCE = 20;

/** @param phase called when measuring begins and when it ends */
export async function write(
  source: ClientSource,
  job: WritingJob,
  phase: (event: 'measuring' | 'measured') => void,
): Promise<WritingResult> {
  const recorder = new Recorder();
  const text = randomText(job.textLength, job.seed);
  const documents = await inGroups(
    Array.from({ length: job.documents }, () => () => source.createDocument(text)),
  );
  const rooms = await inGroups(documents.map((id) => () => openRoom(source, id, job, recorder)));
  const writers = rooms.flatMap((room) => room.slice(0, job.writersPerDocument));
  const words = new Words();
  const loops = writers.map(
    (client, index) =>
      new Loop(client, new Writer(job.seed * 7_919 + index, words), job.paceHz, recorder),
  );
  for (const loop of loops) loop.start();
  await delay(job.warmupMs);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  recorder.begin();
  phase('measuring');
  await delay(job.measureMs);
  recorder.end();
  const measuredMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  phase('measured');
  await Promise.all(loops.map((loop) => loop.stop()));
  await Promise.all(rooms.map(settled));
  await Promise.all(rooms.flat().map((client) => client.close()));
  return {
    acknowledgedEdits: recorder.acknowledgedEdits,
    measuredMs,
    toAcknowledged: recorder.toAcknowledged,
    toVisible: recorder.toVisible,
    loadCpuMs: (user + system) / 1_000,
  };
}

function openRoom(
  source: ClientSource,
  id: string,
  job: WritingJob,
  recorder: Recorder,
): Promise<LoadClient[]> {
  const count = job.writersPerDocument + job.readersPerDocument;
  const seen = (operation: TextOperation): void => recorder.seen(operation);
  return inGroups(Array.from({ length: count }, () => () => source.connect(id, seen)));
}

async function inGroups<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (let from = 0; from < tasks.length; from += AT_ONCE) {
    const group = tasks.slice(from, from + AT_ONCE);
    results.push(...(await Promise.all(group.map((task) => task()))));
  }
  return results;
}

/** Checks that all clients of a document converge, without which the figures are void. */
async function settled(room: readonly LoadClient[]): Promise<void> {
  const until = performance.now() + SETTLE_TIMEOUT_MS;
  while (new Set(room.map(({ fingerprint }) => fingerprint)).size > 1) {
    if (performance.now() > until)
      throw new LoadError('The clients of a document did not converge');
    await delay(50);
  }
}

/** Latencies of edits that begin and end within the measured time. */
class Recorder {
  acknowledgedEdits = 0;
  readonly toAcknowledged: number[] = [];
  readonly toVisible: number[] = [];
  readonly #writtenAt = new Map<string, number>();
  #isMeasuring = false;

  begin(): void {
    this.#writtenAt.clear();
    this.#isMeasuring = true;
  }
  end(): void {
    this.#isMeasuring = false;
    this.#writtenAt.clear();
  }
  written(word: string, at: number): void {
    if (this.#isMeasuring) this.#writtenAt.set(word, at);
  }
  acknowledged(writtenAt: number, wasMeasuring: boolean): void {
    if (!this.#isMeasuring) return;
    this.acknowledgedEdits += 1;
    if (wasMeasuring) this.toAcknowledged.push(performance.now() - writtenAt);
  }
  seen(operation: TextOperation): void {
    if (!this.#isMeasuring) return;
    for (const component of operation) {
      if (typeof component !== 'string') continue;
      const writtenAt = this.#writtenAt.get(component);
      if (writtenAt !== undefined) this.toVisible.push(performance.now() - writtenAt);
    }
  }
  get isMeasuring(): boolean {
    return this.#isMeasuring;
  }
}

/** One writer in a closed loop. */
class Loop {
  readonly #client: LoadClient;
  readonly #writer: Writer;
  readonly #periodMs: number | null;
  readonly #recorder: Recorder;
  #stopped: (() => void) | null = null;

  constructor(client: LoadClient, writer: Writer, paceHz: number | null, recorder: Recorder) {
    this.#client = client;
    this.#writer = writer;
    this.#periodMs = paceHz === null ? null : 1_000 / paceHz;
    this.#recorder = recorder;
  }

  start(): void {
    this.#edit();
  }

  /** Resolves when the last edit is acknowledged. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve;
    });
  }

  #edit(): void {
    if (this.#stopped !== null) return this.#stopped();
    const { operation, word } = this.#writer.next(this.#client.length);
    const at = performance.now();
    const wasMeasuring = this.#recorder.isMeasuring;
    if (word !== null) this.#recorder.written(word, at);
    this.#client.edit(operation, () => {
      this.#recorder.acknowledged(at, wasMeasuring);
      if (this.#periodMs === null) this.#edit();
      else setTimeout(() => this.#edit(), Math.max(0, at + this.#periodMs - performance.now()));
    });
  }
}
