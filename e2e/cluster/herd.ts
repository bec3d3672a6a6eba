/** Many clients that have documents open, in processes of their own, so that their work is not that of the test. */
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DocumentId } from '@concord/protocol';
import { cleanEnvironment } from '../support/server.ts';

const PROGRAM = fileURLToPath(new URL('./herd-process.mjs', import.meta.url));
/** A process of Node serves so many clients easily. */
const PER_PROCESS = 1_250;

export interface Place {
  readonly url: string;
  readonly documentId: DocumentId;
}

/** What one process tells of its clients. */
interface Report {
  /** How many have which status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** By document: the oldest version of those that are saved. */
  readonly versions: Readonly<Record<DocumentId, number>>;
  /** How long each client was away that lost its connection and has it again, in milliseconds. */
  readonly away: readonly number[];
}

export class Herd {
  readonly size: number;
  readonly #processes: readonly ChildProcess[];
  readonly #reports = new Map<ChildProcess, Report>();

  /** Resolves when all clients have their documents. */
  static async open(places: readonly Place[]): Promise<Herd> {
    const processes: ChildProcess[] = [];
    for (let from = 0; from < places.length; from += PER_PROCESS) {
      const child = fork(PROGRAM, { env: cleanEnvironment({}), execArgv: [] });
      child.send(places.slice(from, from + PER_PROCESS));
      processes.push(child);
    }
    const herd = new Herd(places.length, processes);
    while (herd.#reports.size < processes.length) {
      if (processes.some(({ exitCode }) => exitCode !== null)) throw new Error('A process of the herd ended.'); // prettier-ignore
      await sleep(50);
    }
    return herd;
  }

  private constructor(size: number, processes: readonly ChildProcess[]) {
    this.size = size;
    this.#processes = processes;
    for (const child of processes) {
      child.on('message', (report) => this.#reports.set(child, report as Report));
    }
  }

  /** How many clients have which status, at most a moment ago. */
  get statuses(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const { statuses } of this.#reports.values()) {
      for (const [kind, count] of Object.entries(statuses)) sums[kind] = (sums[kind] ?? 0) + count;
    }
    return sums;
  }

  /** How long clients were away that lost their connections, each time, in milliseconds. */
  get away(): readonly number[] {
    return [...this.#reports.values()].flatMap(({ away }) => away);
  }

  /** Whether all are connected and have at least these versions of their documents. */
  hasAll(versions: ReadonlyMap<DocumentId, number>): boolean {
    if (this.statuses['saved'] !== this.size) return false;
    return [...this.#reports.values()].every((report) =>
      Object.entries(report.versions).every(
        ([id, version]) => version >= (versions.get(id as DocumentId) ?? Infinity),
      ),
    );
  }

  async end(): Promise<void> {
    await Promise.all(
      this.#processes.map(async (child) => {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await ended;
      }),
    );
  }
}
