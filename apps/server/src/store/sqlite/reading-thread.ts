/**
 * A read-only worker thread, started by the first read. If it dies, pending reads are rejected (retrying a read is
 * safe) and the next read starts another thread: no promise hangs, and no read ends the server.
 *
 *   none ──next read──▶ starting ──▶ started
 *    ▲                      │           │ dies
 *    └──────── fails ◀──────┴───────────┘ pending reads rejected
 */
import { StoreError, type StoreEvent } from '../ports/store.ts';
import type { Call } from './messages.ts';
import type { StartedWorker } from './start-worker.ts';
import { storeClosed, WorkerConnection } from './worker-connection.ts';

export class ReadingThread {
  readonly #startWorker: () => Promise<StartedWorker>;
  #connection: WorkerConnection | null = null;
  #starting: Promise<WorkerConnection> | null = null;
  /** Reads requested before the thread had started. */
  readonly #early = new Set<Promise<unknown>>();
  #isClosed = false;
  #listener: ((event: StoreEvent) => void) | null = null;

  constructor(startWorker: () => Promise<StartedWorker>) {
    this.#startWorker = startWorker;
  }

  /** Rejects with {@link StoreError}, never a fatal one, or with what the request fails with. */
  read(request: Call): Promise<unknown> {
    if (this.#connection !== null) return this.#connection.read(request);
    if (this.#isClosed) return Promise.reject(storeClosed());
    const early = this.#restarted().then((connection) => connection.read(request));
    this.#early.add(early);
    const answered = (): void => void this.#early.delete(early);
    early.then(answered, answered);
    return early;
  }

  /** Subscribes to events of the files. */
  listen(listener: (event: StoreEvent) => void): void {
    this.#listener = listener;
    this.#connection?.listen(listener);
  }

  /** Resolves when all pending reads are answered and the file is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#early);
    await this.#connection?.close();
  }

  async #restarted(): Promise<WorkerConnection> {
    try {
      return await (this.#starting ?? this.#start());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StoreError(reason, false, { cause: error });
    }
  }

  #start(): Promise<WorkerConnection> {
    const starting = this.#startWorker().then(({ worker, events }) => {
      const connection = new WorkerConnection(worker, {
        isFatal: false,
        events,
        lost: () => {
          if (this.#connection === connection) this.#connection = null;
        },
      });
      this.#connection = connection;
      if (this.#listener !== null) connection.listen(this.#listener);
      return connection;
    });
    this.#starting = starting;
    const started = (): void => {
      if (this.#starting === starting) this.#starting = null;
    };
    starting.then(started, started);
    return starting;
  }
}
