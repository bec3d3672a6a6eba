/**
 * A fair queue of joins. Each costs the server an answer of up to a megabyte, so a person in one document and an address
 * each have a token bucket; addresses take turns (round robin), a small number of joins runs at a time, and other work
 * comes in between. A crowd that comes at once (a class, all clients after a restart) gets in one after the other; a
 * client that would wait for longer than its timeout is told when to come again.
 */
import type { BucketRule, Buckets } from '../platform/limits/buckets.ts';

export interface QueuedJoin {
  /** Of the connection. */
  readonly session: number;
  /** Whose turn it uses up. */
  readonly address: string;
  readonly run: () => Promise<void>;
}

export interface JoinQueueOptions {
  readonly buckets: Buckets;
  readonly ofAddress: BucketRule;
  /** In one document. */
  readonly ofPerson: BucketRule;
  /** Too much is waiting to be read there: nothing more is sent to this address until some of it was. */
  readonly isBlocked: (address: string) => boolean;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

/** Joins under way at a time: enough to keep the store busy. */
const RUNNING_MAX = 8;
/** Joins of one connection that wait; a client has one. */
const WAITING_PER_CONNECTION = 4;
/** A place further ahead than this is not given: clients give up after ten seconds. */
const WAIT_MAX_MS = 2_500;
/** How often an address that reads too slowly is looked at again. */
const BLOCKED_MS = 25;

export class JoinQueue {
  readonly #options: JoinQueueOptions;
  /** By address, in the order of their turns. */
  readonly #waiting = new Map<string, QueuedJoin[]>();
  readonly #ofConnection = new Map<number, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #running = 0;
  #isDue = false;
  #isClosed = false;

  constructor(options: JoinQueueOptions) {
    this.#options = options;
  }

  /**
   * Queues a join of a person (by whom and where) and resolves with 0, or resolves with after how many milliseconds it
   * may come again. Rejects with StoreError; it is not queued then.
   */
  async add(join: QueuedJoin, person: string): Promise<number> {
    const waiting = this.#ofConnection.get(join.session) ?? 0;
    if (waiting >= WAITING_PER_CONNECTION) return WAIT_MAX_MS;
    // Before anything is awaited: more of the same connection may arrive meanwhile.
    this.#ofConnection.set(join.session, waiting + 1);
    let waitMs = Infinity;
    try {
      waitMs = await this.#reserve(join, person);
    } finally {
      if (waitMs > WAIT_MAX_MS) this.#forget(join);
    }
    if (waitMs > WAIT_MAX_MS) return waitMs;
    if (waitMs === 0) this.#enqueue(join);
    else this.#after(waitMs, () => this.#enqueue(join));
    return 0;
  }

  /** A place in the queues of the person and of the address, unless it is too far ahead in one of them. */
  async #reserve({ address }: QueuedJoin, person: string): Promise<number> {
    const { buckets, ofAddress, ofPerson } = this.#options;
    const both = [
      { key: `person ${person}`, rule: ofPerson },
      { key: `address ${address}`, rule: ofAddress },
    ];
    return (await buckets.take(both, WAIT_MAX_MS)).waitMs;
  }

  /** Joins that wait or are under way, of all connections. */
  get size(): number {
    let size = 0;
    for (const count of this.#ofConnection.values()) size += count;
    return size;
  }

  /** Nothing more is started. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#waiting.clear();
    this.#ofConnection.clear();
  }

  #after(ms: number, run: () => void): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  #enqueue(join: QueuedJoin): void {
    const { address } = join;
    const waiting = this.#waiting.get(address);
    if (waiting === undefined) this.#waiting.set(address, [join]);
    else waiting.push(join);
    this.#schedule();
  }

  /** At the end of this turn of the event loop: what else has arrived comes first. */
  #schedule(): void {
    if (this.#isDue || this.#isClosed) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#start();
    });
  }

  #start(): void {
    let blocked = 0;
    while (this.#running < RUNNING_MAX && blocked < this.#waiting.size) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [address, joins] = next;
      // Round robin: its next turn comes after those of all other addresses.
      this.#waiting.delete(address);
      if (this.#options.isBlocked(address)) {
        this.#waiting.set(address, joins);
        blocked += 1;
        continue;
      }
      blocked = 0;
      const join = joins.shift();
      if (joins.length > 0) this.#waiting.set(address, joins);
      if (join !== undefined) this.#run(join);
    }
    if (blocked > 0 && this.#running < RUNNING_MAX) this.#after(BLOCKED_MS, () => this.#schedule());
  }

  #run(join: QueuedJoin): void {
    this.#running += 1;
    const done = (): void => {
      this.#running -= 1;
      this.#forget(join);
      this.#schedule();
    };
    join.run().then(done, done);
  }

  #forget({ session }: QueuedJoin): void {
    const left = (this.#ofConnection.get(session) ?? 1) - 1;
    if (left > 0) this.#ofConnection.set(session, left);
    else this.#ofConnection.delete(session);
  }
}
