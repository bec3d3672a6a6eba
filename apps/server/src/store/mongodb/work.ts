/**
 * The boundary between the MongoDB store and its callers: which work runs one after another, how long it may take,
 * transactions, and closing.
 *
 *   write of the port ─▶ its queue (per document, …) ─▶ [transaction, run again on conflicts] ─▶ typed errors
 *
 * Queues keep the order in which one process asks, as the port promises, and spare conflicts. They are no guarantee
 * between processes: that is what unique keys, conditional updates and transactions are for.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientSession, MongoClient } from 'mongodb';
import { StoreError } from '../ports/store.ts';
import { durable } from './collections.ts';
import {
  isCommitUnknown,
  isDuplicateKey,
  isTransient,
  isWriteConflict,
  translated,
} from './errors.ts';

/** Options for the driver's methods within a transaction; empty where the server has none. */
export interface Transaction {
  readonly session?: ClientSession;
}

/** How long a caller waits; the driver has limits of its own for each command (connect.ts). */
const DEADLINE_MS = 20_000;
/** Attempts begin within so long. */
const ATTEMPTS_MS = 15_000;
const ATTEMPTS_MAX = 40;
const PAUSE_MS = 10;
const PAUSE_MAX_MS = 500;

/** Doubles with each attempt, with jitter, so that rivals do not meet again. */
export function backoff(attempt: number): Promise<void> {
  const most = Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** Math.min(attempt, 10));
  return pause(most * (0.5 + Math.random() / 2));
}

export class Work {
  readonly #client: MongoClient;
  readonly #hasTransactions: boolean;
  readonly #pending = new Set<Promise<unknown>>();
  /** The newest work of each queue. */
  readonly #queues = new Map<string, Promise<unknown>>();
  #isClosed = false;

  /** @param hasTransactions false for a standalone server, on which a crash can leave part of a write */
  constructor(client: MongoClient, hasTransactions: boolean) {
    this.#client = client;
    this.#hasTransactions = hasTransactions;
  }

  async read<A>(work: () => Promise<A>): Promise<A> {
    this.#requireOpen();
    return this.#watched(work());
  }

  /** A write that is one conditional update, and waits for no other of this process. */
  async update<A>(work: () => Promise<A>): Promise<A> {
    this.#requireOpen();
    return this.#watched(withoutConflicts(work));
  }

  /** A write that is one conditional update, or several that need not be one. */
  async write<A>(queue: string, work: () => Promise<A>): Promise<A> {
    this.#requireOpen();
    return this.#watched(this.#queued(queue, () => withoutConflicts(work)));
  }

  /**
   * A write of several rows, all or nothing. `work` may run more than once.
   * @param after what is done once it was committed, before anything else of the queue
   */
  async transaction<A>(
    queue: string,
    work: (tx: Transaction) => Promise<A>,
    after: (outcome: A) => Promise<void> = async () => {},
  ): Promise<A> {
    this.#requireOpen();
    const whole = async (): Promise<A> => {
      const outcome = await this.#attempts(work);
      await after(outcome);
      return outcome;
    };
    return this.#watched(this.#queued(queue, whole));
  }

  /** Waits for everything that was asked for, and accepts nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#pending.size > 0) await Promise.allSettled([...this.#pending]);
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new StoreError('The store is closed.', false);
  }

  /** The caller's part: a deadline, and errors of the port. The work itself goes on, and its queue waits for it. */
  async #watched<A>(work: Promise<A>): Promise<A> {
    this.#pending.add(work);
    work.catch(() => {}).finally(() => this.#pending.delete(work));
    const timer = new AbortController();
    const late = pause(DEADLINE_MS, undefined, { signal: timer.signal, ref: false }).then(() => {
      throw new StoreError(
        'The database did not answer in time. Whether the last write was stored is not known yet.',
        false,
      );
    });
    late.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw translated(error);
    } finally {
      timer.abort();
    }
  }

  #queued<A>(queue: string, work: () => Promise<A>): Promise<A> {
    const before = this.#queues.get(queue) ?? Promise.resolve();
    const own = before.then(work, work);
    this.#queues.set(queue, own);
    const done = (): void => {
      if (this.#queues.get(queue) === own) this.#queues.delete(queue);
    };
    own.then(done, done);
    return own;
  }

  async #attempts<A>(work: (tx: Transaction) => Promise<A>): Promise<A> {
    const until = Date.now() + ATTEMPTS_MS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return this.#hasTransactions ? await this.#attempt(work, until) : await work({});
      } catch (error) {
        // A rival took a unique key after the snapshot of this transaction: the next one sees who it was.
        const isRival = isDuplicateKey(error) && attempt <= 2;
        const mayPass = this.#hasTransactions ? isRival || isTransient(error) : isWriteConflict(error); // prettier-ignore
        if (!mayPass || attempt >= ATTEMPTS_MAX || Date.now() > until) throw error;
        await backoff(attempt);
      }
    }
  }

  async #attempt<A>(work: (tx: Transaction) => Promise<A>, until: number): Promise<A> {
    const session = this.#client.startSession();
    try {
      session.startTransaction({
        readConcern: { level: 'snapshot' },
        ...durable,
        readPreference: 'primary',
      });
      let answer: A;
      try {
        answer = await work({ session });
      } catch (error) {
        await session.abortTransaction().catch(() => {});
        throw error;
      }
      await committed(session, until);
      return answer;
    } finally {
      await session.endSession().catch(() => {});
    }
  }
}

async function committed(session: ClientSession, until: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (!isCommitUnknown(error)) throw error;
      if (attempt >= ATTEMPTS_MAX || Date.now() > until) throw new UnknownCommitError(error);
      await backoff(attempt);
    }
  }
}

/** Whether the transaction was committed could not be found out in time. It is not run again. */
export class UnknownCommitError extends StoreError {
  constructor(cause: unknown) {
    super('The database did not say in time whether the write was stored.', false, { cause });
  }
}

async function withoutConflicts<A>(work: () => Promise<A>): Promise<A> {
  const until = Date.now() + ATTEMPTS_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isWriteConflict(error) || attempt >= ATTEMPTS_MAX || Date.now() > until) throw error;
      await backoff(attempt);
    }
  }
}
