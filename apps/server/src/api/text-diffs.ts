/**
 * Compares texts in a thread of its own, one pair after the other. What takes too long is replaced as one piece
 * instead, so that every comparison costs a bounded time (I8).
 */
import { Worker } from 'node:worker_threads';
import { countCodePoints, OperationBuilder, type TextOperation } from '@concord/ot';
import { Problem } from '../gateway/problem.ts';

export interface DiffRequest {
  readonly before: string;
  readonly after: string;
}
export interface DiffAnswer {
  readonly operation: TextOperation;
}

/** Minimal operations for two books took 300 ms; texts made to be hard take up to two seconds. */
const DEADLINE_MS = 3_000;
/** More wait longer than a client does. */
const WAITING_MAX = 20;

export class TextDiffs {
  readonly #deadlineMs: number;
  #worker: Worker | null = null;
  #waiting = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: { readonly deadlineMs?: number } = {}) {
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  }

  /**
   * An operation from `before` to `after`, both well-formed. Rejects with a {@link Problem} 503 `busy` when too
   * many wait.
   */
  async diff(before: string, after: string, _userId = ''): Promise<TextOperation> {
    if (before === after) return [];
    if (this.#waiting >= WAITING_MAX) {
      const detail = 'The server is busy. Nothing was changed; try again in a moment.';
      throw new Problem(503, 'busy', 'Busy', detail, { 'retry-after': '5' });
    }
    this.#waiting += 1;
    const turn = this.#queue.then(() => this.#ask({ before, after }));
    this.#queue = turn;
    try {
      return (await turn) ?? replaceMiddle(before, after);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Null when there was no answer in time. Never rejects. */
  #ask(request: DiffRequest): Promise<TextOperation | null> {
    const worker = (this.#worker ??= newWorker());
    return new Promise((resolve) => {
      const finish = (operation: TextOperation | null): void => {
        clearTimeout(deadline);
        // Each by its name: a worker also listens to itself.
        for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
        if (operation === null) this.#giveUp(worker);
        resolve(operation);
      };
      const deadline = setTimeout(() => finish(null), this.#deadlineMs);
      worker.once('message', ({ operation }: DiffAnswer) => finish(operation));
      worker.once('error', () => finish(null));
      worker.once('exit', () => finish(null));
      worker.postMessage(request);
      // Nothing but a request under way is worth staying alive for.
      worker.unref();
    });
  }

  #giveUp(worker: Worker): void {
    if (this.#worker === worker) this.#worker = null;
    // It may still fail while it ends; nobody waits for it any more.
    worker.on('error', () => {});
    void worker.terminate();
  }
}

/** Node 20 does not run TypeScript: the sources run in tests, which bring a loader (store/sqlite/start-worker.ts). */
function newWorker(): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./diff-worker.js', import.meta.url));
  const loader = new URL('../store/typescript-loader.mjs', import.meta.url);
  return new Worker(new URL('./diff-worker.ts', import.meta.url), {
    execArgv: ['--conditions=@concord/source', '--import', loader.href],
  });
}

/** What lies between the common beginning and the common end, as one piece. */
export function replaceMiddle(before: string, after: string): TextOperation {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  // Not between the halves of a surrogate pair.
  if (start > 0 && isLeading(before.charCodeAt(start - 1))) start--;
  let end = 0;
  while (
    end < most - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end++;
  }
  if (end > 0 && isTrailing(before.charCodeAt(before.length - end))) end--;
  return new OperationBuilder()
    .retain(countCodePoints(before.slice(0, start)))
    .insert(after.slice(start, after.length - end))
    .delete(countCodePoints(before.slice(start, before.length - end)))
    .build();
}

const isLeading = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
const isTrailing = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;
