/** Threads that compare texts. They are started when first needed, kept, and ended when one takes too long. */
import type { Worker } from 'node:worker_threads';
import type { TextOperation } from '@concord/ot';
import { startThread } from '../platform/start-thread.ts';

export interface DiffRequest {
  readonly before: string;
  readonly after: string;
}

/** `begun` precedes the work, so that the start of the thread does not count towards the deadline. */
export type FromDiffWorker =
  { readonly kind: 'begun' } | { readonly kind: 'found'; readonly operation: TextOperation };

export class DiffWorkers {
  readonly #deadlineMs: number;
  readonly #idle: Worker[] = [];

  /** @param deadlineMs from the moment in which a thread begins */
  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** Null when it took too long, or the thread ended. Never rejects. */
  diff(request: DiffRequest): Promise<TextOperation | null> {
    const worker = this.#idle.pop() ?? this.#start();
    return new Promise((resolve) => {
      let deadline: NodeJS.Timeout | undefined;
      const finish = (operation: TextOperation | null): void => {
        clearTimeout(deadline);
        worker.off('message', receive).off('exit', ended);
        if (operation === null) void worker.terminate();
        else this.#idle.push(worker);
        resolve(operation);
      };
      const ended = (): void => finish(null);
      const receive = (message: FromDiffWorker): void => {
        if (message.kind === 'found') finish(message.operation);
        else deadline = setTimeout(ended, this.#deadlineMs);
      };
      worker.on('message', receive).on('exit', ended);
      worker.postMessage(request);
    });
  }

  #start(): Worker {
    const worker = startThread(import.meta.url, 'diff-worker');
    // Idle threads must not keep the process alive; a pending request does by its own connection.
    worker.unref();
    // Ignored: the `exit` event that follows an error is handled.
    worker.on('error', () => {});
    worker.on('exit', () => {
      const place = this.#idle.indexOf(worker);
      if (place >= 0) this.#idle.splice(place, 1);
    });
    return worker;
  }
}
