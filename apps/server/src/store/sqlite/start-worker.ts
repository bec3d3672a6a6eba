/** Starts a database worker, from built JavaScript or from the TypeScript sources. */
import { Worker } from 'node:worker_threads';
import type { StoreEvent } from '../ports/store.ts';
import type { FromWorker, WorkerData } from './messages.ts';
import { StoreOpenError } from './store-open-error.ts';

export interface StartedWorker {
  readonly worker: Worker;
  readonly historyId: string;
  /** What was found at opening. */
  readonly events: readonly StoreEvent[];
}

/** Resolves once the worker has opened its database; rejects with {@link StoreOpenError}. */
export function startWorker(data: WorkerData): Promise<StartedWorker> {
  const { dataDirectory } = data;
  const worker = newWorker(data);
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: Error): void =>
      reject(
        new StoreOpenError(
          'dataDirectoryUnusable',
          `The database in ${dataDirectory} cannot be opened: ${why}.`,
          cause === undefined ? {} : { cause },
        ),
      );
    worker.once('error', (error) => fail(error.message || String(error), error));
    worker.once('exit', (code) => fail(`its thread ended with exit code ${code}`));
    worker.once('message', (message: FromWorker) => {
      worker.removeAllListeners('error');
      worker.removeAllListeners('exit');
      if (message.kind === 'opened') {
        const { historyId, events } = message;
        return resolve({ worker, historyId, events });
      }
      void worker.terminate();
      if (message.kind === 'refused') reject(new StoreOpenError(message.code, message.message));
      else fail('its thread answered out of turn');
    });
  });
}

/**
 * Node 20 does not run TypeScript. The sources run in tests only (vitest), which bring a loader; the built
 * server never takes that branch and needs no development dependency.
 */
function newWorker(workerData: WorkerData): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./database-worker.js', import.meta.url), { workerData });
  }
  const loader = new URL('../../platform/typescript-loader.mjs', import.meta.url);
  return new Worker(new URL('./database-worker.ts', import.meta.url), {
    workerData,
    execArgv: ['--import', loader.href],
  });
}
