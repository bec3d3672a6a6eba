/**
 * Writes a replica to the device. What waits is replaced by what is newer: a device that is slow gets fewer writes,
 * not a longer and longer list of them. It begins a few without waiting for each other: then what is typed is out of
 * the page's hands soon, though the device takes its time to answer.
 */
import type { DocumentText } from '@concord/ot';
import { SupersededError, type QueueStore } from './ports.ts';
import type { Replica } from './core/replica.ts';

export type WriteOutcome = 'saved' | 'saveFailed' | 'superseded';

interface Write {
  readonly replica: Replica;
  readonly durability: 'strict' | 'relaxed';
  /** Everything that this write, and those it replaced, answers. */
  readonly tickets: readonly number[];
}

/** So many writes wait for the device; at one every 20 ms it may take 80 ms for each. */
const AT_ONCE = 4;

export class QueueWriter {
  readonly #store: QueueStore;
  readonly #written: (ticket: number, outcome: WriteOutcome) => void;
  #running = 0;
  /** The text that the device is known to have. */
  #kept: DocumentText | null;
  #waiting: Write | null = null;
  #idle: (() => void)[] = [];
  /** Flushes have tickets below zero. */
  #flushes = 0;
  readonly #flushing = new Map<number, (succeeded: boolean) => void>();

  /**
   * @param kept the text that the device has, if any
   * @param written is told of every ticket once, in their order
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

  /** The page may go away at once: begins what waits. */
  hurry(): void {
    if (this.#waiting !== null) this.#begin(this.#waiting);
  }

  /** Writes the replica strictly. Resolves to whether it was written. */
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
    // What builds on a text that is being written would have to write all of it again.
    const isKept = write.replica.confirmed === this.#kept;
    if (this.#running === 0 || (isKept && this.#running < AT_ONCE)) this.#begin(write);
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
