/**
 * A replica set of a database, as far as its clients can tell. A write is carried out by the primary, and is committed
 * when a majority has it. An election keeps what is committed, and some of what is not; the rest is rolled back. The
 * former primary goes on answering for a while: what it writes is never committed, and its majority reads are old.
 */
import type { EventLog } from '../event-log.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { DatabaseFaults } from './cluster-configuration.ts';

export type TableName = 'lease' | 'owner' | 'log';
export type Rows = Readonly<Record<TableName, ReadonlyMap<string, unknown>>>;

export interface Change {
  readonly table: TableName;
  readonly key: string;
  readonly value: unknown;
}

/** What a write does to the rows that it finds, and what it answers. */
export interface WriteResult<T> {
  readonly change: Change | null;
  readonly answer: T;
  /** Answered at once, not when a majority has what was found: a duplicate key. */
  readonly isError?: boolean;
}
export type Write<T> = (rows: Rows, nowMs: number) => WriteResult<T>;

interface Entry {
  readonly change: Change;
  isReplicated: boolean;
  readonly committed: (() => void)[];
}

class MutableRows implements Rows {
  readonly lease: Map<string, unknown>;
  readonly owner: Map<string, unknown>;
  readonly log: Map<string, unknown>;

  constructor(rows?: Rows) {
    this.lease = new Map(rows?.lease);
    this.owner = new Map(rows?.owner);
    this.log = new Map(rows?.log);
  }

  apply({ table, key, value }: Change): void {
    this[table].set(key, value);
  }
}

/** A member that is, or takes itself for, the primary. */
interface Primary {
  readonly clockOffsetMs: number;
  readonly local: MutableRows;
  /** What it knows to be committed. */
  majority: Rows;
  pending: Entry[];
  /** A majority does not follow it, for now or for good. */
  isIsolated: boolean;
  isDeposed: boolean;
  staleUntil: number;
}

type Committed = (change: Change) => void;

const LAG_MS = 3_000;

export class ReplicaSet {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: DatabaseFaults;
  readonly #log: EventLog;
  readonly #observer: Committed;
  readonly #committed = new MutableRows();
  #primary: Primary;
  readonly #links: DatabaseLink[] = [];
  /** What a member that lags has. */
  #lagging = new MutableRows();
  isHealed = false;

  constructor(
    scheduler: Scheduler,
    random: Random,
    faults: DatabaseFaults,
    log: EventLog,
    observer: Committed,
  ) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
    this.#log = log;
    this.#observer = observer;
    this.#primary = this.#newPrimary();
    if (faults.laggingReadChance > 0) this.#lag();
  }

  /** What no election can take back. */
  get committed(): Rows {
    return this.#committed;
  }
  get lagging(): Rows {
    return this.#lagging;
  }
  get primary(): Primary {
    return this.#primary;
  }

  connect(random: Random): DatabaseLink {
    const link = new DatabaseLink(this, this.#scheduler, random, this.#faults);
    this.#links.push(link);
    return link;
  }

  /** A primary loses its majority. Usually another one is elected; sometimes it gets its majority back. */
  fail(): void {
    const failing = this.#primary;
    if (failing.isIsolated) return;
    this.#log.record('database', 'isolated');
    failing.isIsolated = true;
    this.#scheduler.after(this.#random.skewed(1, this.#faults.electionMs), () => {
      if (this.#random.chance(0.2)) {
        failing.isIsolated = false;
        this.#commit(failing);
      } else this.#elect();
    });
  }

  #lag(): void {
    this.#scheduler.after(this.#random.skewed(1, LAG_MS), () => {
      if (this.isHealed) return;
      this.#lagging = new MutableRows(this.#committed);
      this.#lag();
    });
  }

  #newPrimary(): Primary {
    const local = new MutableRows(this.#committed);
    const clockOffsetMs = this.#random.integer(0, this.#faults.clockSkewMs);
    const majority = this.#committed;
    return { clockOffsetMs, local, majority, pending: [], isIsolated: false, isDeposed: false, staleUntil: 0 }; // prettier-ignore
  }

  #elect(): void {
    const former = this.#primary;
    former.isDeposed = true;
    former.majority = new MutableRows(this.#committed);
    former.staleUntil = this.#scheduler.now + this.#random.skewed(0, this.#faults.staleMs);
    const surviving = former.pending.slice(0, this.#random.integer(0, former.pending.length));
    this.#log.record('database', 'elected', `${surviving.length} of ${former.pending.length}`);
    this.#primary = this.#newPrimary();
    for (const { change } of surviving) this.append(this.#primary, change);
    for (const link of this.#links) {
      const noticeMs = this.#random.skewed(0, this.#faults.staleMs);
      this.#scheduler.after(noticeMs, () => link.discover());
    }
  }

  /** Carries a write out at a primary. Its entry is committed in its turn, or never. */
  append(primary: Primary, change: Change): Entry {
    primary.local.apply(change);
    const entry: Entry = { change, isReplicated: false, committed: [] };
    primary.pending.push(entry);
    this.#scheduler.after(this.#random.skewed(0, this.#faults.replicationMs), () => {
      entry.isReplicated = true;
      this.#commit(primary);
    });
    return entry;
  }

  #commit(primary: Primary): void {
    while (!primary.isIsolated && !primary.isDeposed) {
      const [entry] = primary.pending;
      if (entry?.isReplicated !== true) return;
      primary.pending.shift();
      this.#committed.apply(entry.change);
      const { table, key, value } = entry.change;
      this.#log.record('database', table, `${key} ${JSON.stringify(value)}`);
      this.#observer(entry.change);
      for (const done of entry.committed) done();
    }
  }
}

const TIMEOUT_MS = 1_000;
const LATE_MS = 15_000;

/** A node's connection to the replica set, with the driver's idea of who is the primary. */
export class DatabaseLink {
  readonly #set: ReplicaSet;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: DatabaseFaults;
  #primary: Primary;
  isCut = false;

  constructor(set: ReplicaSet, scheduler: Scheduler, random: Random, faults: DatabaseFaults) {
    this.#set = set;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
    this.#primary = set.primary;
  }

  discover(): void {
    this.#primary = this.#set.primary;
  }

  /**
   * Reads what a majority has, or what the primary has. Null when it failed.
   * @param done called once, unless the caller is gone
   */
  read<T>(
    find: (rows: Rows, nowMs: number) => T,
    done: (found: { readonly value: T } | null) => void,
    isLocal = false,
  ): void {
    const answer = this.#once(done);
    this.#send((primary) => {
      const { majority, local, clockOffsetMs } = primary;
      const lags = !this.#set.isHealed && this.#random.chance(this.#faults.laggingReadChance);
      const rows = isLocal ? local : lags ? this.#set.lagging : majority;
      const value = find(rows, this.#scheduler.now + clockOffsetMs);
      this.#answer(() => answer({ value }));
    }, answer);
  }

  /**
   * Null when the outcome is unknown.
   * @param isByOne answered when the primary has it
   */
  write<T>(
    write: Write<T>,
    done: (answered: { readonly value: T } | null) => void,
    isByOne = false,
    lateChance = this.#faults.lateChance,
  ): void {
    const answer = this.#once(done);
    const isRetried = !this.#set.isHealed && this.#random.chance(this.#faults.retriedChance);
    const attempt = (isLast: boolean): void =>
      this.#send(
        (primary) => {
          const now = this.#scheduler.now + primary.clockOffsetMs;
          const { change, answer: value, isError } = write(primary.local, now);
          const last = change === null ? primary.pending.at(-1) : this.#set.append(primary, change);
          if (!isLast) return;
          const tell = (): void => this.#answer(() => answer({ value }));
          if (last === undefined || isByOne || isError === true) tell();
          else last.committed.push(tell);
        },
        isLast ? answer : () => undefined,
        lateChance,
      );
    if (isRetried) attempt(false);
    const againMs = isRetried ? this.#random.integer(1, TIMEOUT_MS / 2) : 0;
    this.#scheduler.after(againMs, () => attempt(true));
  }

  /** Carries the request out where the driver thinks that the primary is. */
  #send(
    carryOut: (primary: Primary) => void,
    failed: (answer: null) => void,
    lateChance = this.#faults.lateChance,
  ): void {
    const { isHealed } = this.#set;
    if (this.isCut || (!isHealed && this.#random.chance(this.#faults.lossChance))) return;
    const isLate = !isHealed && this.#random.chance(lateChance);
    const delayMs = isLate ? this.#random.integer(1, LATE_MS) : this.#delay();
    this.#scheduler.after(delayMs, () => {
      const primary = this.#primary;
      const isStale = primary.isDeposed && this.#scheduler.now >= primary.staleUntil;
      if (!isStale) return carryOut(primary);
      this.discover();
      this.#answer(() => failed(null));
    });
  }

  #answer(run: () => void): void {
    if (!this.#set.isHealed && this.#random.chance(this.#faults.lossChance)) return;
    this.#scheduler.after(this.#delay(), () => {
      if (!this.isCut) run();
    });
  }

  #delay(): number {
    return this.#random.skewed(0, this.#faults.latencyMs);
  }

  /** Without an answer in time the outcome is unknown. */
  #once<T>(done: (answer: T | null) => void): (answer: T | null) => void {
    let isDone = false;
    const once = (answer: T | null): void => {
      if (isDone) return;
      isDone = true;
      timeout.cancelled = true;
      done(answer);
    };
    const timeout = this.#scheduler.after(TIMEOUT_MS, () => once(null));
    return once;
  }
}
