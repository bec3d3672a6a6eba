/**
 * Shutdown of the process: by a signal, when its parent is gone, or after an uncaught fault. Each way drains first:
 * accepted edits become durable and are acknowledged, clients are told to reconnect. The time for it is bounded;
 * acknowledged edits are durable in any case.
 */
import type { Log } from './platform/log.ts';

/** Stopping takes longer than this only when the disk hangs. */
const STOP_DEADLINE_MS = 20_000;
/** After an uncaught fault it is unknown what still works. */
const FAULT_DEADLINE_MS = 5_000;

/** Exit codes, as sysexits.h has them: the software, or something that may be over at the next try. */
export const EXIT_SOFTWARE = 70;
export const EXIT_TOOK_TOO_LONG = 75;

export interface EndingOptions {
  readonly log: Pick<Log, 'info' | 'error' | 'fatal'>;
  readonly exit: (code: number) => void;
}

/** @param withinMs then the process ends, whatever is left to do */
export type StopServer = (withinMs: number) => Promise<void>;

export class Ending {
  readonly #options: EndingOptions;
  #stop: StopServer | null = null;
  #deadlineMs = STOP_DEADLINE_MS;
  #code: number | null = null;

  constructor(options: EndingOptions) {
    this.#options = options;
  }

  /** Registers the stop function of the started server; executes a request that came before. */
  started(stop: StopServer): void {
    this.#stop = stop;
    if (this.#code !== null) this.#drain(stop);
  }

  /** Requests an orderly stop; idempotent. */
  request(reason: string): void {
    if (this.#code !== null) return;
    this.#options.log.info({ reason }, 'stopping');
    this.#begin(0, STOP_DEADLINE_MS);
  }

  /** The last resort: an exception that no guard caught, or a rejected promise that was not handled. */
  fault(error: unknown): void {
    this.#options.log.fatal({ err: error }, 'a fault that nothing contained; the server ends');
    // A fault while stopping: the deadline is running already; only the exit code changes.
    if (this.#code !== null) this.#code = EXIT_SOFTWARE;
    else this.#begin(EXIT_SOFTWARE, FAULT_DEADLINE_MS);
  }

  #begin(code: number, deadlineMs: number): void {
    this.#code = code;
    this.#deadlineMs = deadlineMs;
    setTimeout(() => {
      this.#options.log.error({}, 'stopping took too long');
      this.#options.exit(EXIT_TOOK_TOO_LONG);
    }, deadlineMs).unref();
    if (this.#stop !== null) this.#drain(this.#stop);
    // Nothing was taken in by a server that did not start.
    else if (code !== 0) this.#options.exit(code);
  }

  #drain(stop: StopServer): void {
    const { log, exit } = this.#options;
    stop(this.#deadlineMs).then(
      () => {
        log.info({}, 'stopped');
        exit(this.#code ?? 0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        exit(EXIT_SOFTWARE);
      },
    );
  }
}

/** Binds the ways in which this process may end; before anything is served. */
export function bindProcess(ending: Ending): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => ending.request(signal));
  }
  // scripts/start.mjs holds the other end of this channel, however it ends itself.
  process.on('disconnect', () => ending.request('the program that started the server is gone'));
  // Unhandled rejections arrive here too.
  process.on('uncaughtException', (error) => ending.fault(error));
  // Ignored: a closed or full output is no reason to end, and cannot be logged.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}
