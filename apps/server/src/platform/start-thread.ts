/** Starts worker threads, and sends them one request at a time. */
import { Worker } from 'node:worker_threads';

/**
 * @param moduleUrl `import.meta.url` of a module beside the thread's
 * @param name of the thread's module, without what it ends with
 */
export function startThread(moduleUrl: string, name: string): Worker {
  // Node 20 does not run TypeScript: the sources run in tests, which bring a loader (store/sqlite/start-worker.ts).
  if (!moduleUrl.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, moduleUrl));
  const loader = new URL('./typescript-loader.mjs', import.meta.url);
  return new Worker(new URL(`./${name}.ts`, moduleUrl), {
    execArgv: ['--conditions=@concord/source', '--import', loader.href],
  });
}

/** A thread that answers each request with one message; started when it is first needed, and again after it failed. */
export class AskedThread<Request, Answer> {
  readonly #start: () => Worker;
  #worker: Worker | null = null;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  /**
   * One at a time. Null when the thread fails, or does not answer in time: then it is ended.
   * @param deadline as of performance.now()
   */
  ask(request: Request, deadline: number): Promise<Answer | null> {
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve) => {
      const finish = (answer: Answer | null): void => {
        clearTimeout(timer);
        for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
        if (answer === null) this.#giveUp(worker);
        resolve(answer);
      };
      const timer = setTimeout(() => finish(null), Math.max(0, deadline - performance.now()));
      worker.once('message', finish);
      worker.once('error', () => finish(null));
      worker.once('exit', () => finish(null));
      worker.postMessage(request);
      // An idle thread must not keep the process alive.
      worker.unref();
    });
  }

  #giveUp(worker: Worker): void {
    if (this.#worker === worker) this.#worker = null;
    // Ignored: errors of a thread that is being terminated, whose answers are discarded.
    worker.on('error', () => {});
    void worker.terminate();
  }
}
