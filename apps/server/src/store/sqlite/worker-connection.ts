/**
 * The main thread's side of a database worker. Requests are batched into groups.
 *
 *   reads:  collected until the event loop has read its sockets, then sent
 *   writes: collected while a group is being written; the next group takes them all (group commit)
 */
import type { Worker } from 'node:worker_threads';
import { LastOwnerError } from '../ports/access-store.ts';
import {
  DuplicateAccountError,
  InvitationError,
  LastAdministratorError,
} from '../ports/account-store.ts';
import {
  CorruptionError,
  DuplicateBatchError,
  FencedError,
  DuplicateDocumentError,
  DuplicateRecordError,
  StoreError,
  StoreFullError,
  type StorageRoom,
  type StorageRoomWatch,
  type StoreEvent,
} from '../ports/store.ts';
import type {
  Call,
  Failure,
  FromWorker,
  Outcome,
  PlacedOutcome,
  ToWorker,
  WriteRequest,
} from './messages.ts';

/**
 * Groups of writes in flight to the worker: one being written and one queued, so that the worker never idles while the
 * answer and the next group cross between the threads (measured: a fifth more throughput than with one; four are no
 * better).
 */
const WRITE_GROUPS_IN_FLIGHT = 2;

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class WorkerConnection {
  readonly #worker: Worker;
  #reads: Call[] = [];
  #readers: Waiter[] = [];
  readonly #readersInFlight: Waiter[][] = [];
  #writes: WriteRequest[] = [];
  #writers: Waiter[] = [];
  readonly #writersInFlight: Waiter[][] = [];
  #scheduled = false;
  /** Set once the state of the disk is unknown: all writes are refused from then on. */
  #writesRefused: StoreError | null = null;
  /** Set once the worker accepts no requests any more. */
  #ended: StoreError | null = null;
  #closing: Promise<void> | null = null;
  #orderly = false;
  #exited: (() => void) | null = null;
  #room: StorageRoom = { isPaused: false, freeBytes: null };
  readonly #roomListeners = new Set<(room: StorageRoom) => void>();
  /** Updated by messages of the writing worker. */
  readonly room: StorageRoomWatch = {
    current: () => this.#room,
    onChange: (listener) => {
      this.#roomListeners.add(listener);
      return () => void this.#roomListeners.delete(listener);
    },
  };
  readonly #isFatal: boolean;
  readonly #lost: () => void;
  /** Buffered until a listener is set. */
  #events: StoreEvent[] = [];
  #listener: ((event: StoreEvent) => void) | null = null;

  /**
   * Takes over a worker that has opened its database.
   * @param options `isFatal`: the process must end when the thread does, since a write may be lost with it.
   *   `lost` is called once if the thread ends without having been closed. `events`: what was found on opening
   */
  constructor(
    worker: Worker,
    {
      isFatal,
      lost = () => {},
      events = [],
    }: {
      readonly isFatal: boolean;
      readonly lost?: () => void;
      readonly events?: readonly StoreEvent[];
    },
  ) {
    this.#worker = worker;
    this.#isFatal = isFatal;
    this.#lost = lost;
    this.#events.push(...events);
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => this.#end(this.#threadEnded(error.message, error)));
    worker.on('messageerror', (error) => this.#end(this.#threadEnded(error.message, error)));
    // The file is closed only when the thread has ended: prepared statements keep it open until then.
    worker.on('exit', (code) => {
      this.#end(this.#orderly ? storeClosed() : this.#threadEnded(`exit code ${code}`));
      this.#exited?.();
    });
  }

  read(request: Call): Promise<unknown> {
    return new Promise<unknown>((resolve, reject) => {
      const refusal = this.#ended ?? this.#refusalWhenClosing();
      if (refusal !== null) return reject(refusal);
      this.#reads.push(request);
      this.#readers.push({ resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves to the result of the write when it is durable (I1). */
  write(request: WriteRequest): Promise<unknown> {
    return new Promise<unknown>((resolve, reject) => {
      const refusal = this.#ended ?? this.#writesRefused ?? this.#refusalWhenClosing();
      if (refusal !== null) return reject(refusal);
      this.#writes.push(request);
      this.#writers.push({ resolve, reject });
      // An idle worker starts at once, so that its disk works while this thread delivers the previous results.
      if (this.#writersInFlight.length === 0 && !this.#scheduled) this.#postGroups();
      else if (this.#writersInFlight.length < WRITE_GROUPS_IN_FLIGHT) this.#schedule();
    });
  }

  listen(listener: (event: StoreEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#events.splice(0)) listener(event);
  }

  #tell(event: StoreEvent): void {
    if (this.#listener === null) this.#events.push(event);
    else this.#listener(event);
  }

  /** Resolves when all pending requests are answered and the file is closed. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      if (this.#ended !== null) return resolve();
      this.#exited = resolve;
      this.#schedule();
    });
    return this.#closing;
  }

  #refusalWhenClosing(): StoreError | null {
    return this.#closing === null ? null : storeClosed();
  }

  /** Runs after the poll phase, so that requests from all sockets of this event loop turn share a group. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#postGroups();
    });
  }

  #postGroups(): void {
    if (this.#ended !== null) return;
    if (this.#reads.length > 0) {
      this.#post({ kind: 'read', requests: this.#reads });
      this.#readersInFlight.push(this.#readers);
      this.#reads = [];
      this.#readers = [];
    }
    if (this.#writes.length > 0 && this.#writersInFlight.length < WRITE_GROUPS_IN_FLIGHT) {
      this.#post({ kind: 'write', requests: this.#writes });
      this.#writersInFlight.push(this.#writers);
      this.#writes = [];
      this.#writers = [];
    }
    if (this.#closing !== null && this.#writes.length === 0) this.#post({ kind: 'close' });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'answered':
        return settleReads(this.#readersInFlight.shift() ?? [], message.answers);
      case 'written':
        settleWrites(this.#writersInFlight.shift() ?? [], message.outcomes);
        if (this.#writes.length > 0) this.#schedule();
        return;
      case 'room': {
        const isChanged = message.room.isPaused !== this.#room.isPaused;
        this.#room = message.room;
        if (isChanged) for (const listener of this.#roomListeners) listener(message.room);
        return;
      }
      case 'broken': {
        const error = new StoreError(message.message, true);
        this.#refuseWrites(error);
        return this.#tell({ type: 'failed', error });
      }
      case 'event':
        return this.#tell(message.event);
      case 'closed':
        this.#orderly = true;
        return;
      case 'opened':
      case 'refused':
        return;
    }
  }

  #refuseWrites(error: StoreError): void {
    this.#writesRefused ??= error;
    for (const group of this.#writersInFlight.splice(0)) rejectAll(group, this.#writesRefused);
    rejectAll(this.#writers, this.#writesRefused);
    this.#writes = [];
    this.#writers = [];
    if (this.#closing !== null) this.#schedule();
  }

  #end(error: StoreError): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    this.#refuseWrites(this.#ended);
    for (const group of this.#readersInFlight.splice(0)) rejectAll(group, this.#ended);
    rejectAll(this.#readers, this.#ended);
    this.#reads = [];
    this.#readers = [];
    if (!this.#orderly) this.#lost();
  }

  #threadEnded(reason: string, cause?: Error): StoreError {
    const advice = this.#isFatal ? 'Start the server again.' : 'Nothing was changed; try again.';
    const message = `A database thread ended (${reason}). ${advice}`;
    return new StoreError(message, this.#isFatal, cause === undefined ? {} : { cause });
  }
}

export const storeClosed = (): StoreError => new StoreError('The store is closed.', false);

function settleReads(readers: readonly Waiter[], answers: readonly Outcome[]): void {
  readers.forEach(({ resolve, reject }, place) => {
    const outcome = answers[place];
    if (outcome !== undefined && 'value' in outcome) resolve(outcome.value);
    else reject(errorOf(outcome?.failure));
  });
}

function settleWrites(writers: readonly Waiter[], outcomes: readonly PlacedOutcome[]): void {
  for (const { place, outcome } of outcomes) {
    if ('value' in outcome) writers[place]?.resolve(outcome.value);
    else writers[place]?.reject(errorOf(outcome.failure));
  }
  // No-op for the writers settled above; the others have no result.
  for (const { resolve } of writers) resolve(undefined);
}

function rejectAll(waiters: readonly Waiter[], error: Error): void {
  for (const { reject } of waiters) reject(error);
}

/** Maps a failure reported by the worker to an error of the main thread. */
export function errorOf(failure: Failure | undefined): Error {
  switch (failure?.kind) {
    case 'duplicateBatch':
      return new DuplicateBatchError(failure.message);
    case 'fenced':
      return new FencedError(failure.message);
    case 'duplicateDocument':
      return new DuplicateDocumentError(failure.message);
    case 'duplicateRecord':
      return new DuplicateRecordError(failure.message);
    case 'lastAdministrator':
      return new LastAdministratorError(failure.message);
    case 'lastOwner':
      return new LastOwnerError(failure.message);
    case 'duplicateAccount':
      return new DuplicateAccountError(failure.field ?? 'userName');
    case 'invitation':
      return new InvitationError(failure.message);
    case 'corruption':
      return new CorruptionError(failure.message);
    case 'full':
      return new StoreFullError(failure.message);
    case 'unavailable':
    case undefined:
      return new StoreError(failure?.message ?? 'The database did not answer.', false);
  }
}
