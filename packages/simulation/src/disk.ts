/**
 * The device's storage for one tab's replica: writes are serial; a strict write survives a power loss once it is
 * reported, a relaxed one some time later, and no write survives without the earlier ones.
 */
import type { DeviceFaults } from './configuration.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

type Outcome = 'saved' | 'saveFailed' | 'superseded';

/** A written row: immutable, serialised lazily when it is read. */
export interface DeviceRow {
  toString(): string;
}

interface Write {
  readonly term: number;
  readonly row: DeviceRow;
  readonly durability: 'strict' | 'relaxed';
  readonly done: (outcome: Outcome) => void;
}

const STALL_MS = 3_000;

export class Disk {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: DeviceFaults;
  /** Written rows: the first survives a power loss, the later ones may. */
  #rows: { readonly row: DeviceRow | null }[] = [{ row: null }];
  #queue: Write[] = [];
  /** Incremented when the process dies; its pending callbacks are dropped. */
  #process = 0;
  #healed = false;
  #term = 1;
  /** Number of the current stall, so that the end of a former one is ignored. */
  #standstill = 0;
  #isStandingStill = false;
  /** The write to carry out when the stall ends. */
  #held: (() => void) | null = null;
  /** A page went on without this device, whose row has not been brought up to date since. */
  isBehind = false;

  constructor(scheduler: Scheduler, random: Random, faults: DeviceFaults) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
  }

  heal(): void {
    this.#healed = true;
    this.#goOn();
  }

  /** Stalls all writes for a time, or until faults stop. */
  standStill(ms: number): void {
    if (this.#healed) return;
    this.#isStandingStill = true;
    const own = ++this.#standstill;
    this.#scheduler.after(ms, () => {
      if (own === this.#standstill) this.#goOn();
    });
  }

  get isStandingStill(): boolean {
    return this.#isStandingStill;
  }

  #goOn(): void {
    this.#isStandingStill = false;
    const held = this.#held;
    this.#held = null;
    held?.();
  }

  /** Sets the row as if it had been written long ago. */
  preload(row: string): void {
    this.#rows = [{ row }];
  }

  /** Another tab takes the lead: the new term fences off writes of the former tab. @returns the current row */
  takeOver(): string | null {
    this.#term++;
    return this.#rows.at(-1)?.row?.toString() ?? null;
  }

  get term(): number {
    return this.#term;
  }

  write(
    term: number,
    row: DeviceRow,
    durability: 'strict' | 'relaxed',
    done: (outcome: Outcome) => void,
  ): void {
    this.#queue.push({ term, row, durability, done });
    if (this.#queue.length === 1) this.#begin();
  }

  /** The process died, maybe with a power loss. @returns the row that is found afterwards */
  crash(hasPowerLoss: boolean): string | null {
    // The write in progress may have succeeded without its page being told; of writes queued behind a stall, several may.
    for (const next of this.#queue) {
      const isLate = next.term === this.#term && this.#random.chance(0.5) && !this.#fails();
      if (!isLate) break;
      this.#rows.push({ row: next.row });
      if (!this.#isStandingStill) break;
    }
    this.#queue = [];
    this.#held = null;
    this.#process++;
    if (hasPowerLoss) {
      const kept = this.#rows[this.#random.integer(0, this.#rows.length - 1)];
      if (kept !== undefined) this.#rows = [kept];
    }
    return this.#rows.at(-1)?.row?.toString() ?? null;
  }

  #begin(): void {
    const [write] = this.#queue;
    if (write === undefined) return;
    const { strictMs, relaxedMs, stallChance } = this.#faults;
    let delay = this.#random.skewed(0, write.durability === 'strict' ? strictMs : relaxedMs);
    if (!this.#healed && this.#random.chance(stallChance)) {
      delay += this.#random.integer(0, STALL_MS);
    }
    const process = this.#process;
    const carryOut = (): void => {
      if (process !== this.#process) return;
      if (this.#isStandingStill) {
        this.#held = carryOut;
        return;
      }
      this.#queue.shift();
      const isOwn = write.term === this.#term;
      const outcome = this.#fails() ? 'saveFailed' : isOwn ? 'saved' : 'superseded';
      if (outcome === 'saved') this.#written(write);
      this.#begin();
      write.done(outcome);
    };
    this.#scheduler.after(delay, carryOut);
  }

  #written({ row, durability }: Write): void {
    const written = { row };
    if (durability === 'strict') {
      this.#rows = [written];
      return;
    }
    this.#rows.push(written);
    this.#scheduler.after(this.#random.integer(0, this.#faults.flushMs), () => {
      const place = this.#rows.indexOf(written);
      if (place > 0) this.#rows.splice(0, place);
    });
  }

  #fails(): boolean {
    return !this.#healed && this.#random.chance(this.#faults.failChance);
  }
}
