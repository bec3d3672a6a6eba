/**
 * Writes a replica to the queue store. Coalesces waiting writes (latest wins), so that a slow device gets fewer writes
 * instead of a growing queue. Up to MAX_CONCURRENT_WRITES are in flight: an edit is handed to the browser soon, and
 * survives a crash of the page, although earlier writes are not acknowledged yet.
 */
import type { DocumentText } from '@concord/ot';
import { SupersededError, type QueueStore } from './ports.ts';
import type { Replica } from './core/replica.ts';

export type WriteOutcome = 'saved' | 'saveFailed' | 'superseded';

interface Write {
  readonly replica: Replica;
  readonly durability: 'strict' | 'relaxed';
  /** Tickets that are settled by this write: its own, and those of the writes it replaced. */
  readonly tickets: readonly number[];
}

/** Writes in flight; at one every 20 ms, each may take 80 ms before writes are coalesced. */
const MAX_CONCURRENT_WRITES = 4;

export class QueueWriter {
  readonly #store: QueueStore;
  readonly #written: (ticket: number, outcome: WriteOutcome) => void;
  #running = 0;
  /** The text known to be stored. */
  #kept: DocumentText | null;
  #waiting: Write | null = null;
  #idle: (() => void)[] = [];
  /** Number of flushes, whose tickets are negative. */
  #flushes = 0;
  readonly #flushing = new Map<number, (succeeded: boolean) => void>();

  /**
   * @param kept the stored text, if any
   * @param written called with each ticket once, in their order
   */
  constructor(
    store: QueueStore,
    kept: DocumentText | null,
    written: (ticket: number, outcome: WriteOutcome) => void,
  ) {
    this.#store = store;
    this.#kept = kept;
    this.#written = written;
  }

  write(replica: Replica, durability: 'strict' | 'relaxed', ticket: number): void {
    const former = this.#waiting;
    this.#waiting = {
      replica,
      durability: former?.durability === 'strict' ? 'strict' : durability,
      tickets: [...(former?.tickets ?? []), ticket],
    };
    this.#beginIfTime();
  }

  /** Starts the waiting write at once, since the page may unload. */
  hurry(): void {
    if (this.#waiting !== null) this.#begin(this.#waiting);
  }

  /** Writes the replica with strict durability. Resolves to whether that succeeded. */
  flush(replica: Replica): Promise<boolean> {
    return new Promise((resolve) => {
      const ticket = -++this.#flushes;
      this.#flushing.set(ticket, resolve);
      this.write(replica, 'strict', ticket);
    });
  }

  async whenIdle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #beginIfTime(): void {
    const write = this.#waiting;
    if (write === null) return;
    // Until a changed text is stored, each further write would have to include all of it: wait for that one.
    const isKept = write.replica.confirmed === this.#kept;
    if (this.#running === 0 || (isKept && this.#running < MAX_CONCURRENT_WRITES))
      this.#begin(write);
  }

  #begin({ replica, durability, tickets }: Write): void {
    this.#waiting = null;
    this.#running++;
    const ended = (outcome: WriteOutcome): void => {
      this.#running--;
      this.#kept = outcome === 'saved' ? replica.confirmed : null;
      for (const ticket of tickets) {
        const flushed = this.#flushing.get(ticket);
        this.#flushing.delete(ticket);
        if (flushed === undefined) this.#written(ticket, outcome);
        else flushed(outcome === 'saved');
      }
      this.#beginIfTime();
      if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
    this.#store.save(replica, durability).then(
      () => ended('saved'),
      (error: unknown) => ended(error instanceof SupersededError ? 'superseded' : 'saveFailed'),
    );
  }
}
