/**
 * Writes a replica to the device, one write at a time. What waits is replaced by what is newer: a device that
 * is slow gets fewer writes, not a longer and longer list of them.
 */
import { SupersededError, type QueueStore } from './ports.ts';
import type { Replica } from './replica.ts';

export type WriteOutcome = 'saved' | 'saveFailed' | 'superseded';

interface Write {
  readonly replica: Replica;
  readonly durability: 'strict' | 'relaxed';
  /** Everything that this write, and those it replaced, answers. */
  readonly tickets: readonly number[];
}

export class QueueWriter {
  readonly #store: QueueStore;
  readonly #written: (ticket: number, outcome: WriteOutcome) => void;
  #running = 0;
  #waiting: Write | null = null;
  #idle: (() => void)[] = [];
  /** Flushes have tickets below zero. */
  #flushes = 0;
  readonly #flushing = new Map<number, (succeeded: boolean) => void>();

  /** @param written is told of every ticket once, in their order */
  constructor(store: QueueStore, written: (ticket: number, outcome: WriteOutcome) => void) {
    this.#store = store;
    this.#written = written;
  }

  write(replica: Replica, durability: 'strict' | 'relaxed', ticket: number): void {
    const former = this.#waiting;
    this.#waiting = {
      replica,
      durability: former?.durability === 'strict' ? 'strict' : durability,
      tickets: [...(former?.tickets ?? []), ticket],
    };
    if (this.#running === 0) this.#begin();
  }

  /**
   * The page may go away at once: what is being written may not come to its end any more, and what waits not to its
   * beginning. Begins a write of everything.
   * @param replica as it is now
   */
  hurry(replica: Replica): void {
    if (this.#waiting === null && this.#running === 0) return;
    const { durability, tickets } = this.#waiting ?? { durability: 'relaxed', tickets: [] };
    this.#waiting = { replica, durability, tickets };
    this.#begin(true);
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

  #begin(isHurried = false): void {
    const write = this.#waiting;
    if (write === null) return;
    this.#waiting = null;
    this.#running++;
    const ended = (outcome: WriteOutcome): void => {
      this.#running--;
      for (const ticket of write.tickets) {
        const flushed = this.#flushing.get(ticket);
        this.#flushing.delete(ticket);
        if (flushed === undefined) this.#written(ticket, outcome);
        else flushed(outcome === 'saved');
      }
      if (this.#running > 0) return;
      this.#begin();
      if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
    this.#store.save(write.replica, write.durability, isHurried).then(
      () => ended('saved'),
      (error: unknown) => ended(error instanceof SupersededError ? 'superseded' : 'saveFailed'),
    );
  }
}
