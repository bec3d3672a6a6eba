/** One merge of one system: makes two branches, then reconnects the offline replica. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerOptions } from '../sides.ts';
import type { Branches } from './branches.ts';
import {
  MergeError,
  type MergeSystem,
  type ProcessFigures,
  type ReplicaState,
} from './merge-replica.ts';
import { MergeSeat, MergeServer } from './merge-processes.ts';

/** Figures of one merge. Times in milliseconds, traffic in bytes. */
export interface MergeFigures {
  /** Time from the link's restoration until both replicas have all edits, acknowledged. */
  readonly convergedMs: number;
  /** Bytes over the connections of the returning replica. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Bytes to the replica that stayed online. */
  readonly forwardedBytes: number;
  readonly server: ProcessFigures;
  readonly returning: ProcessFigures;
  readonly staying: ProcessFigures;
  /** Time to make the offline branch, before the measurement. */
  readonly writingMs: number;
  /** Surplus (or, negative, missing) characters of the merged text. */
  readonly extraCharacters: number;
}

/** The phase that timed out: the merge, or making a branch before it. */
export type Unfinished = 'merging' | 'writing';

/** Timeout of a merge. */
export const MERGE_LIMIT_MS = 120_000;
/** Timeout of making the branches. */
const WRITING_LIMIT_MS = 600_000;
/** Polling interval of the replicas' state; the times are their own. */
const POLL_MS = 50;

/** @param warmUp merged before by the same processes, on another document */
export async function runMerge(
  system: MergeSystem,
  branches: Branches,
  warmUp: Branches,
  options: ServerOptions,
): Promise<MergeFigures | Unfinished> {
  const server = await MergeServer.start(system, options);
  const returning = await MergeSeat.open(system, server, options.checkout);
  const staying = await MergeSeat.open(system, server, options.checkout);
  const merge = new Merge(server, returning, staying);
  try {
    const warm = await merge.run(warmUp);
    return typeof warm === 'string' ? warm : await merge.run(branches);
  } finally {
    merge.giveUp();
    await returning.stop();
    await staying.stop();
    await server.stop();
  }
}

class Merge {
  readonly #server: MergeServer;
  readonly #returning: MergeSeat;
  readonly #staying: MergeSeat;
  #isGivenUp = false;

  constructor(server: MergeServer, returning: MergeSeat, staying: MergeSeat) {
    this.#server = server;
    this.#returning = returning;
    this.#staying = staying;
  }

  /** Stops polling, before the processes are killed. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  async run(branches: Branches): Promise<MergeFigures | Unfinished> {
    const [returning, staying] = [this.#returning, this.#staying];
    const writing = this.#diverge(branches);
    const written = await within(WRITING_LIMIT_MS, writing);
    if (written === null) return 'writing';
    await this.#server.ask('watchStalls');
    for (const seat of [returning, staying]) {
      await seat.ask({ ask: 'watch' });
      seat.link.count();
    }
    returning.link.restore();
    const startedAt = await returning.ask<number>({ ask: 'connect' });
    const convergedAt = await within(MERGE_LIMIT_MS, this.#converged());
    if (convergedAt === null) return 'merging';
    const { sent, received } = returning.link.traffic;
    const figures: MergeFigures = {
      convergedMs: convergedAt - startedAt,
      sentBytes: sent,
      receivedBytes: received,
      forwardedBytes: staying.link.traffic.received,
      server: await this.#server.ask<ProcessFigures>('stallFigures'),
      returning: await returning.figures(),
      staying: await staying.figures(),
      writingMs: written.writingMs,
      extraCharacters: await this.#extraCharacters(written.documentId, branches),
    };
    await returning.ask({ ask: 'close' });
    await staying.ask({ ask: 'close' });
    return figures;
  }

  /** Both replicas open the base; then one goes offline, and both make edits. */
  async #diverge({ baseText, offline, online }: Branches): Promise<{
    readonly documentId: string;
    readonly writingMs: number;
  }> {
    const [returning, staying] = [this.#returning, this.#staying];
    const documentId = await staying.ask<string>({ ask: 'create', text: baseText });
    await staying.ask({ ask: 'open', documentId });
    await returning.ask({ ask: 'open', documentId });
    returning.link.cut();
    while ((await this.#state(returning)).isSettled) await delay(POLL_MS);
    const write = { ask: 'write', operations: offline, acknowledged: false } as const;
    const writingMs = await returning.ask<number>(write);
    await staying.ask({ ask: 'write', operations: online, acknowledged: true });
    return { documentId, writingMs };
  }

  /** Resolves with the time of the last change or acknowledgement in either replica. */
  async #converged(): Promise<number> {
    const [returning, staying] = [this.#returning, this.#staying];
    for (;;) {
      const states = [await this.#state(returning), await this.#state(staying)] as const;
      if (states.every(({ isSettled }) => isSettled) && states[0].length === states[1].length) {
        const checksums = [await checksum(returning), await checksum(staying)];
        const after = [await this.#state(returning), await this.#state(staying)] as const;
        const isAtRest = after.every(({ lastAtMs }, index) => lastAtMs === states[index]?.lastAtMs);
        if (isAtRest && checksums[0] === checksums[1]) {
          return Math.max(...states.map(({ lastAtMs }) => lastAtMs));
        }
      }
      await delay(POLL_MS);
    }
  }

  /** Throws MergeError if the server's text differs from the replicas'. */
  async #extraCharacters(documentId: string, branches: Branches): Promise<number> {
    const expected = await checksum(this.#returning);
    const question = { ask: 'serverChecksum', documentId, expected } as const;
    if ((await this.#staying.ask<number>(question)) !== expected) {
      throw new MergeError('The server has another text than its replicas');
    }
    return (await this.#state(this.#returning)).length - branches.mergedLength;
  }

  async #state(seat: MergeSeat): Promise<ReplicaState> {
    if (this.#isGivenUp) throw new MergeError('The merge was given up');
    return seat.ask<ReplicaState>({ ask: 'state' });
  }
}

const checksum = (seat: MergeSeat): Promise<number> => seat.ask<number>({ ask: 'checksum' });

/** Null after a timeout; unfinished work ends with its processes. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  const stop = new AbortController();
  const limit = delay(ms, null, { signal: stop.signal }).catch(() => null);
  try {
    return await Promise.race([work, limit]);
  } finally {
    stop.abort();
  }
}
