/** The processes of one merge: a server, the returning replica, the one that stayed online, and their links. */
import type { ChildProcess } from 'node:child_process';
import { ask, ChildError, readyLine, startChild, stopChild } from '../child-process.ts';
import {
  answerOf,
  CONCORD_ENVIRONMENT,
  removeDirectory,
  scriptOf,
  SERVER_OPTIONS,
  serverOf,
  temporaryDirectory,
  type ServerOptions,
} from '../sides.ts';
import { SHAREDB_READY } from '../sharedb-names.ts';
import { HOCUSPOCUS_READY } from './hocuspocus-names.ts';
import type { MergeSystem, ProcessFigures, ReplicaQuestion } from './merge-replica.ts';
import { NetworkLink } from './network-link.ts';
import type { StallQuestion } from './stall-probe.ts';

export class MergeServer {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #dataDirectory: string | null;

  private constructor(url: string, child: ChildProcess, dataDirectory: string | null) {
    this.url = url;
    this.#child = child;
    this.#dataDirectory = dataDirectory;
  }

  static async start(system: MergeSystem, options: ServerOptions): Promise<MergeServer> {
    const probe = ['--import', scriptOf('./merge/stall-probe.js')];
    const nodeOptions = [...SERVER_OPTIONS, ...probe, ...(options.nodeOptions ?? [])];
    if (system === 'concord') {
      const directory = await temporaryDirectory(options.dataParent);
      const environment = { ...CONCORD_ENVIRONMENT, CONCORD_DATA: directory };
      const child = startChild(serverOf(options.checkout), { nodeOptions, environment });
      const url = await readyLine(child, 'Concord is ready: ');
      return new MergeServer(url.replace('localhost', '127.0.0.1'), child, directory);
    }
    const [script, ready] =
      system === 'sharedb'
        ? (['./sharedb-server.js', SHAREDB_READY] as const)
        : (['./merge/hocuspocus-server.js', HOCUSPOCUS_READY] as const);
    const child = startChild(scriptOf(script), { nodeOptions });
    const port = await readyLine(child, ready);
    return new MergeServer(`http://127.0.0.1:${port}`, child, null);
  }

  ask<T>(question: StallQuestion): Promise<T> {
    return ask(this.#child, question, answerOf<T>);
  }

  /** Kills the processes: a server may be blocked for minutes, and its results are not needed. */
  async stop(): Promise<void> {
    await stopChild(this.#child, 'SIGKILL');
    if (this.#dataDirectory !== null) await removeDirectory(this.#dataDirectory);
  }
}

/** A replica with its network link. */
export class MergeSeat {
  readonly link: NetworkLink;
  readonly #child: ChildProcess;

  private constructor(link: NetworkLink, child: ChildProcess) {
    this.link = link;
    this.#child = child;
  }

  static async open(
    system: MergeSystem,
    server: MergeServer,
    checkout?: string,
  ): Promise<MergeSeat> {
    const link = await NetworkLink.open(server.url);
    const child = startChild(scriptOf('./merge/replica-process.js'), {
      nodeOptions: ['--expose-gc'],
      environment: {
        SYSTEM: system,
        URL: link.url,
        ...(checkout === undefined ? {} : { CHECKOUT: checkout }),
      },
    });
    return new MergeSeat(link, child);
  }

  ask<T = null>(question: ReplicaQuestion): Promise<T> {
    return ask(this.#child, question, (reply) => {
      const { failed } = reply as { readonly failed?: string };
      if (failed !== undefined) throw new ChildError(failed);
      return answerOf<T>(reply);
    });
  }

  figures(): Promise<ProcessFigures> {
    return this.ask<ProcessFigures>({ ask: 'figures' });
  }

  async stop(): Promise<void> {
    await stopChild(this.#child, 'SIGKILL');
    await this.link.close();
  }
}
