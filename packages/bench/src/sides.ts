/** Both sides of the comparison: a server and a load generator each, all in separate processes. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask, readyLine, startChild, stopChild } from './child-process.ts';
import { LoadError, type ClientKind, type SideName } from './load-client.ts';
import type { Job, JobRequest, LoadReport } from './load-messages.ts';
import type { Memory, Strain, Usage } from './server-probe.ts';
import { SHAREDB_READY } from './sharedb-names.ts';

export const scriptOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const repository = fileURLToPath(new URL('../../../', import.meta.url));
/** The server's program, of this checkout or of another one that is built. */
export const serverOf = (checkout = repository): string =>
  join(checkout, 'apps/server/dist/main.js');
/** Both servers start with the probe and an exposed garbage collector. */
export const SERVER_OPTIONS = ['--expose-gc', '--import', scriptOf('./server-probe.js')];
/** Without rate limits, which would be what is measured; see the notes in the report. */
export const CONCORD_ENVIRONMENT = {
  PORT: '0',
  HOST: '127.0.0.1',
  CONCORD_OPERATIONS_PER_SECOND: '1000000',
  CONCORD_OPERATIONS_BURST: '1000000',
  CONCORD_LOG_LEVEL: 'warn',
  CONCORD_GUEST_DOCUMENTS: 'unlimited',
  CONCORD_GUEST_MB: 'unlimited',
  CONCORD_GUEST_MB_PER_DAY: 'unlimited',
  CONCORD_ACCOUNT_MB_PER_DAY: 'unlimited',
  CONCORD_ADDRESS_MB_PER_DAY: 'unlimited',
  CONCORD_REQUESTS_PER_MINUTE: '1000000',
  // Each account of the load has its own address.
  CONCORD_TRUSTED_PROXIES: '127.0.0.1',
};

/** Longer than the delay of the search index after the last change (apps/server/src/jobs/indexing.ts). */
const IDLE_SECONDS = 3;
/** Of a second: timers and heartbeats take less, one document to be indexed takes more. */
const IDLE_CPU_MS = 20;
const IDLE_TIMEOUT_MS = 120_000;

export interface ServerOptions {
  /** Parent of temporary data directories, which decides the disk that is measured. */
  readonly dataParent: string;
  /** More options of Node for the servers, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** Of the server; overrides CONCORD_ENVIRONMENT, of which an empty text restores Concord's default. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Another built checkout of Concord, whose server and clients are measured; this one when left out. */
  readonly checkout?: string;
}

export class RunningServer {
  readonly side: SideName;
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #dataDirectory: string | null;

  private constructor(side: SideName, url: string, child: ChildProcess, data: string | null) {
    this.side = side;
    this.url = url;
    this.#child = child;
    this.#dataDirectory = data;
  }

  /** @param dataDirectory of Concord, kept afterwards; a fresh one that is removed when left out */
  static async start(
    side: SideName,
    options: ServerOptions,
    dataDirectory?: string,
  ): Promise<RunningServer> {
    const nodeOptions = [...SERVER_OPTIONS, ...(options.nodeOptions ?? [])];
    if (side === 'sharedb') {
      const { environment = {} } = options;
      const child = startChild(scriptOf('./sharedb-server.js'), { nodeOptions, environment });
      const port = await readyLine(child, SHAREDB_READY);
      return new RunningServer(side, `http://127.0.0.1:${port}`, child, null);
    }
    const own = dataDirectory ?? (await temporaryDirectory(options.dataParent));
    const environment = { ...CONCORD_ENVIRONMENT, ...options.environment, CONCORD_DATA: own };
    const child = startChild(serverOf(options.checkout), { nodeOptions, environment });
    const url = await readyLine(child, 'Concord is ready: ');
    const address = url.replace('localhost', '127.0.0.1');
    return new RunningServer(side, address, child, dataDirectory === undefined ? own : null);
  }

  usage(): Promise<Usage> {
    return ask(this.#child, 'usage', answerOf<Usage>);
  }
  /**
   * Resolves when the server has had nothing to do for longer than it puts off work, such as indexing what was written:
   * else the work of one run would be counted in the next one of the same server.
   */
  async whenIdle(): Promise<void> {
    const until = performance.now() + IDLE_TIMEOUT_MS;
    for (let idle = 0, last = await this.usage(); idle < IDLE_SECONDS;) {
      if (performance.now() > until) throw new LoadError(`${this.side} does not come to rest`);
      await delay(1_000);
      const now = await this.usage();
      idle = now.cpuMs - last.cpuMs < IDLE_CPU_MS ? idle + 1 : 0;
      last = now;
    }
  }
  memory(): Promise<Memory> {
    return ask(this.#child, 'memory', answerOf<Memory>);
  }
  /** The server's current load, without a garbage collection first. */
  strain(): Promise<Strain> {
    return ask(this.#child, 'strain', answerOf<Strain>);
  }
  /** ShareDB only: writes the recorded history into its memory store under this id. */
  build(id: string, tracesDirectory: string): Promise<null> {
    return ask(this.#child, { build: { id, tracesDirectory } }, answerOf<null>);
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await stopChild(this.#child, signal);
    if (this.#dataDirectory !== null) await removeDirectory(this.#dataDirectory);
  }
}

/** A server, or the nodes of a cluster. */
export interface LoadTarget {
  readonly side: SideName;
  readonly url: string;
  /** Further nodes: connections go to all of them in turn. */
  readonly others?: readonly string[];
}

export class LoadGenerator {
  readonly #child: ChildProcess;
  readonly #checkout: string | undefined;

  /** @param checkout another built checkout, whose client library makes the load */
  constructor(checkout?: string) {
    this.#checkout = checkout;
    this.#child = startChild(scriptOf('./load-process.js'));
  }

  /** Runs a job; `phase` is called when measuring begins and ends. */
  run<Result>(
    { side, url, others }: LoadTarget,
    kind: ClientKind,
    job: Job,
    phase: (event: 'measuring' | 'measured') => void = () => undefined,
  ): Promise<Result> {
    const checkout = this.#checkout;
    const target = {
      ...{ side, kind, url },
      ...(others === undefined ? {} : { others }),
      ...(checkout === undefined ? {} : { checkout }),
    };
    const request: JobRequest = { target, job };
    return ask(this.#child, request, (reply) => {
      const report = reply as LoadReport;
      if (report.event === 'failed') throw new LoadError(`${side}, ${kind}: ${report.error}`);
      if (report.event === 'done') return { value: report.result as Result };
      phase(report.event);
      return null;
    });
  }

  stop(): Promise<void> {
    return stopChild(this.#child);
  }
}

export const temporaryDirectory = (parent: string): Promise<string> =>
  mkdtemp(join(parent, 'concord-bench-'));

export const removeDirectory = (directory: string): Promise<void> =>
  rm(directory, { recursive: true, force: true });

/** Extracts a process's response, for `ask`. */
export function answerOf<T>(reply: unknown): { readonly value: T } | null {
  const isAnswer = typeof reply === 'object' && reply !== null && 'answer' in reply;
  return isAnswer ? { value: reply.answer as T } : null;
}
