/**
 * The store of the simulated server. A kill loses writes that are not on the disk; a write may become durable without
 * being reported; a failed one may land late. Rows are serialised, so that mutations of shared objects cannot hide.
 */
import { DocumentText, type TextOperation } from '@concord/ot';
import type {
  Batch,
  ClientPosition,
  DocumentAccess,
  DocumentEffect,
  LoggedOperation,
} from '@concord/server';
import type { StoreFaults } from './configuration.ts';
import type { EventLog } from './event-log.ts';
import type { SimulatedAccess } from './simulated-access.ts';
import { must } from './invariant-error.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export type AppendOutcome = 'appended' | 'duplicate' | 'unavailable';

type LoadEffect = Omit<Extract<DocumentEffect, { type: 'load' }>, 'type' | 'session' | 'epoch'>;
interface Loaded {
  readonly position: ClientPosition | null;
  readonly operations: readonly LoggedOperation[];
  readonly isTooLong: boolean;
  readonly entry?: LoggedOperation | null;
  readonly checksum?: number | undefined;
}

export interface StoredCheckpoint {
  readonly version: number;
  readonly text: string;
  /** As JSON; absent for none. */
  readonly effectState?: string;
}

/** Told of everything that became durable, for the checks. */
export interface StoreObserver {
  logged(version: number, operation: LoggedOperation): void;
  checkpointed(checkpoint: StoredCheckpoint): void;
}

/** A failed append may land up to this much later. */
const LANDS_LATE_MS = 20_000;
const SLOW_MS = 5_000;

export class SimulatedStore {
  readonly access: SimulatedAccess;
  /** Whether the document exists. */
  isCreated = true;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: StoreFaults;
  readonly #log: EventLog;
  readonly #observer: StoreObserver;
  readonly #rows: string[] = [];
  readonly #positions = new Map<string, ClientPosition>();
  /** In the order of their versions. */
  #checkpoints: StoredCheckpoint[] = [];
  #healed = false;
  /** Incremented by a kill: writes of former processes that are not on the disk are lost. */
  #process = 0;
  /** Incremented by a restore. */
  #files = 0;

  constructor(
    scheduler: Scheduler,
    random: Random,
    faults: StoreFaults,
    log: EventLog,
    observer: StoreObserver,
    access: SimulatedAccess,
  ) {
    this.access = access;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
    this.#log = log;
    this.#observer = observer;
  }

  get head(): number {
    return this.#rows.length;
  }
  get checkpoint(): StoredCheckpoint | null {
    return this.#checkpoints.at(-1) ?? null;
  }

  /** Replaces the files by an older backup; pending writes go to the former files. */
  restore(version: number): void {
    this.#log.record('store', 'restored', `${version} of ${this.head}`);
    this.#files++;
    this.#rows.length = version;
    this.#positions.clear();
    for (const [index, operation] of this.#operations(0, version).entries()) {
      this.#position(index + 1, operation);
    }
    this.#checkpoints = this.#checkpoints.filter((checkpoint) => checkpoint.version <= version);
  }

  heal(): void {
    this.#healed = true;
  }

  /** The writing process died. */
  kill(): void {
    this.#process++;
  }

  /** The row of a version, as JSON. */
  row(version: number): string | undefined {
    return this.#rows[version - 1];
  }

  append(batch: Batch, done: (outcome: AppendOutcome) => void): void {
    const rows = batch.operations.map((operation) => JSON.stringify(operation));
    const process = this.#process;
    const files = this.#files;
    const { unavailableChance, lateChance, appendMs, slowChance } = this.#faults;
    let delay = 1 + this.#random.skewed(0, appendMs);
    if (!this.#healed && this.#random.chance(slowChance)) delay += this.#random.integer(0, SLOW_MS);
    const answer = (outcome: AppendOutcome): void => {
      this.#scheduler.after(this.#random.skewed(0, appendMs), () => {
        if (process === this.#process) done(outcome);
      });
    };
    if (!this.#healed && this.#random.chance(unavailableChance)) {
      // The process learns only that the append failed; whether and when it lands is decided here.
      const isLate = this.#random.chance(lateChance);
      const isWritten = isLate || this.#random.chance(0.5);
      const landing = isLate ? delay + this.#random.skewed(0, LANDS_LATE_MS) : delay;
      if (isWritten) {
        this.#scheduler.after(landing, () => {
          if (files === this.#files) this.#land(batch.firstVersion, rows);
        });
      }
      this.#scheduler.after(delay, () => answer('unavailable'));
      return;
    }
    // A write may survive the kill, if it had reached the disk already.
    const survivesKill = this.#random.chance(0.3);
    this.#scheduler.after(delay, () => {
      if (files !== this.#files || (process !== this.#process && !survivesKill)) return;
      answer(this.#land(batch.firstVersion, rows) ? 'appended' : 'duplicate');
    });
  }

  /** One atomic write under the unique key (document, version). */
  #land(firstVersion: number, rows: readonly string[]): boolean {
    must(
      firstVersion <= this.head + 1,
      'I3',
      () => `append at ${firstVersion} leaves a gap after ${this.head}`,
    );
    if (firstVersion !== this.head + 1) {
      this.#log.record('store', 'duplicate', String(firstVersion));
      return false;
    }
    for (const row of rows) this.preload(row);
    return true;
  }

  preload(row: string): void {
    this.#rows.push(row);
    const version = this.head;
    const operation = JSON.parse(row) as LoggedOperation;
    this.#log.record('store', 'logged', `${version} ${row}`);
    this.#position(version, operation);
    this.#observer.logged(version, operation);
  }

  #position(version: number, { clientId, author, seq }: LoggedOperation): void {
    this.#positions.set(`${clientId} ${author}`, { seq, version });
  }

  preloadCheckpoint(checkpoint: StoredCheckpoint): void {
    this.#checkpoints = [checkpoint];
  }

  /** Latest checkpoint and the log after it; null when the store cannot be read now. */
  open(
    done: (
      opened: {
        checkpoint: StoredCheckpoint | null;
        tail: readonly LoggedOperation[];
        access: DocumentAccess;
      } | null,
    ) => void,
  ): void {
    this.#read(done, () => {
      const { checkpoint } = this;
      const tail = this.#operations(checkpoint?.version ?? 0, this.head);
      return { checkpoint, tail, access: this.access.current };
    });
  }

  /** Who may do what; null when the store cannot be read now. */
  readAccess(done: (access: DocumentAccess | null) => void): void {
    this.#read(
      (access) => {
        if (access === null) this.access.readFailed();
        done(access);
      },
      () => this.access.current,
    );
  }

  /** A client's position, then operations of the log: two reads, as at the real store. */
  load(
    {
      clientId,
      userId,
      afterVersion,
      untilVersion,
      bytesMax,
      entryVersion,
      checksumVersion,
    }: LoadEffect,
    done: (loaded: Loaded | null) => void,
  ): void {
    this.#read(
      (position) => {
        if (position === null) return done(null);
        this.#read(
          (read) => {
            if (read === null) return done(null);
            const { operations, ...rest } = read;
            const isTooLong = operations.length > 0 && JSON.stringify(operations).length > bytesMax;
            const found = { position: position.found, operations: isTooLong ? [] : operations };
            done({ ...found, isTooLong, ...rest });
          },
          () => {
            const operations = this.#operations(afterVersion, untilVersion);
            const checksum =
              checksumVersion === null ? undefined : this.#checksumAt(checksumVersion);
            if (entryVersion === null) return { operations, checksum };
            const [entry = null] = this.#operations(entryVersion - 1, entryVersion);
            return { operations, entry, checksum };
          },
        );
      },
      () => ({ found: this.#positions.get(`${clientId} ${userId}`) ?? null }),
    );
  }

  #checksumAt(version: number): number {
    const operations = this.#operations(0, version);
    return operations.reduce((text, { op }) => text.apply(op), DocumentText.empty).checksum;
  }

  writeCheckpoint(checkpoint: StoredCheckpoint, done: (succeeded: boolean) => void): void {
    const process = this.#process;
    const fails = !this.#healed && this.#random.chance(this.#faults.checkpointFailChance);
    this.#scheduler.after(1 + this.#random.skewed(0, 4 * this.#faults.appendMs), () => {
      if (process !== this.#process) return;
      if (fails) return done(false);
      this.#log.record('store', 'checkpoint', String(checkpoint.version));
      this.#observer.checkpointed(checkpoint);
      if ((this.checkpoint?.version ?? 0) < checkpoint.version) this.#checkpoints.push(checkpoint);
      done(true);
    });
  }

  #operations(afterVersion: number, untilVersion: number): LoggedOperation[] {
    return this.#rows
      .slice(afterVersion, untilVersion)
      .map((row) => JSON.parse(row) as LoggedOperation & { op: TextOperation });
  }

  #read<T>(done: (found: T | null) => void, find: () => T): void {
    const process = this.#process;
    const fails = !this.#healed && this.#random.chance(this.#faults.readFailChance);
    this.#scheduler.after(1 + this.#random.skewed(0, this.#faults.appendMs), () => {
      if (process !== this.#process) return;
      done(fails ? null : find());
    });
  }
}
