/**
 * A node of the cluster: carries out what the lease and the ownership of documents ask for, over a database. It may be
 * killed, paused, drained or cut from the database at any moment.
 */
import type {
  LeaseEffect,
  LeaseInput,
  OwnershipAnswer,
  OwnershipEffect,
  OwnershipInput,
} from '@concord/server';
import type { Cores } from '../cores.ts';
import type { EventLog } from '../event-log.ts';
import type { Random } from '../random.ts';
import type { Scheduled, Scheduler } from '../scheduler.ts';
import type { ClusterConfiguration } from './cluster-configuration.ts';
import { batchAt, endLease, membersOf, readLog, renew, type Entry } from './cluster-database.ts';
import type { ClusterLedger } from './cluster-ledger.ts';
import { NodeDatabase } from './node-database.ts';
import type { DatabaseLink, ReplicaSet } from './replica-set.ts';
import { SimulatedOwner, type Answer, type Request } from './simulated-owner.ts';

export interface NodeOptions {
  readonly cores: Cores;
  readonly configuration: ClusterConfiguration;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly set: ReplicaSet;
  readonly ledger: ClusterLedger;
  readonly log: EventLog;
  readonly name: string;
}

const MEMBERS_EVERY_MS = 300;
const JOINS_AGAIN_MS = 200;
const OPENS_AGAIN_MS = 150;
const OPENS_MAX = 20;
/** A process that stops waits for its last writes. */
const ENDS_MS = 200;
/** An orderly stop takes at most this long. */
const DRAIN_MS = 15_000;

type Lease = InstanceType<Cores['NodeLease']>;
type Table = InstanceType<Cores['OwnershipTable']>;

export class SimulatedNode {
  readonly name: string;
  readonly #options: NodeOptions;
  readonly #link: DatabaseLink;
  readonly #database: NodeDatabase;
  /** How fast its clock runs, and what it shows at 0. */
  #rate: number;
  #clockAt: number;
  #clockSetAt = 0;
  /** Incremented by each start: nothing of a former process runs. */
  #process = 0;
  #isUp = false;
  #isDraining = false;
  #isPaused = false;
  #asleep: (() => void)[] = [];
  #leases = 0;
  #lease: Lease;
  #table: Table;
  #leaseTimer: Scheduled | null = null;
  #tableTimer: Scheduled | null = null;
  readonly #owners = new Map<string, SimulatedOwner>();
  /** Requests for documents that are not open here. */
  readonly #waiting = new Map<string, Request[]>();

  constructor(options: NodeOptions) {
    const { cores, random, set, name, configuration } = options;
    this.name = name;
    this.#options = options;
    this.#link = set.connect(random.fork('database'));
    this.#database = new NodeDatabase(name, this.#link, cores, configuration, {
      back: (done) => this.#back(done),
      after: (ms, run) => void this.#after(ms, run),
    });
    const { areClocksWrong, drift } = configuration;
    this.#rate = areClocksWrong ? 0.1 + 0.9 * random.next() : 1 + drift * (2 * random.next() - 1);
    this.#clockAt = random.integer(0, 1_000_000);
    this.#lease = new cores.NodeLease();
    this.#table = new cores.OwnershipTable();
  }

  get isUp(): boolean {
    return this.#isUp;
  }
  get isServing(): boolean {
    return this.#isUp && !this.#isPaused && this.#lease.leaseId !== null && !this.#isDraining;
  }
  get link(): DatabaseLink {
    return this.#link;
  }
  /** Documents that are open. */
  get open(): readonly string[] {
    return [...this.#owners.keys()];
  }

  // --- What happens to it -----------------------------------------------------------------------

  start(): void {
    if (this.#isUp) return;
    const { cores, log } = this.#options;
    this.#process++;
    this.#isUp = true;
    this.#isDraining = false;
    this.#lease = new cores.NodeLease();
    this.#table = new cores.OwnershipTable();
    log.record(this.name, 'started');
    this.#join();
    this.#readMembers();
  }

  /** kill -9, or the end of an orderly stop. */
  kill(): void {
    if (!this.#isUp) return;
    this.#options.log.record(this.name, 'killed');
    this.#isUp = false;
    this.#process++;
    this.#asleep = [];
    this.#isPaused = false;
    for (const owner of this.#owners.values()) owner.drop();
    this.#owners.clear();
    this.#waiting.clear();
    this.#leaseTimer = this.#cancel(this.#leaseTimer);
    this.#tableTimer = this.#cancel(this.#tableTimer);
  }

  /** SIGTERM. */
  drain(): void {
    this.task(() => {
      if (this.#isDraining) return;
      this.#options.log.record(this.name, 'drains');
      this.#isDraining = true;
      this.#stepLease({ type: 'drain' });
      this.#step({ type: 'drain' });
      this.#after(DRAIN_MS, () => this.#step({ type: 'force' }));
    });
  }

  pause(): void {
    this.#options.log.record(this.name, 'paused');
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#options.log.record(this.name, 'resumed');
    this.#isPaused = false;
    for (const run of this.#asleep.splice(0)) run();
  }

  correctClock(): void {
    this.#clockAt = this.#monotonicMs;
    this.#clockSetAt = this.#options.scheduler.now;
    this.#rate = 1;
  }

  /** Runs it in the process, unless that is gone; when it was paused, afterwards. */
  task(run: () => void): void {
    this.#taskOf(this.#process, run);
  }

  /** A document leaves memory. */
  idle(documentId: string): void {
    this.task(() => this.#owners.get(documentId)?.close());
  }

  handle(request: Request): void {
    this.task(() => {
      if (!this.#mayAnswer()) return request.answer({ type: 'retry' });
      const { documentId, isForwarded } = request;
      const asked = { ...request, answer: (answer: Answer) => this.#answer(request, answer) };
      const owner = this.#owners.get(documentId);
      if (owner !== undefined) return owner.handle(asked);
      const waiting = this.#waiting.get(documentId) ?? [];
      this.#waiting.set(documentId, [...waiting, asked]);
      this.#step({ type: 'acquire', documentId, isForwarded });
    });
  }

  #taskOf(process: number, run: () => void): void {
    if (process !== this.#process || !this.#isUp) return;
    if (this.#isPaused) return void this.#asleep.push(() => this.#taskOf(process, run));
    this.#stepLease({ type: 'look' });
    run();
  }

  #after(ms: number, run: () => void): Scheduled {
    const process = this.#process;
    return this.#options.scheduler.after(ms, () => this.#taskOf(process, run));
  }

  #cancel(timer: Scheduled | null): null {
    if (timer !== null) timer.cancelled = true;
    return null;
  }

  /** In the process that asked. */
  #back<T>(done: (answer: T) => void): (answer: T) => void {
    const process = this.#process;
    return (answer) => this.#taskOf(process, () => done(answer));
  }

  /** Never put back; it runs on while the process is paused. */
  get #monotonicMs(): number {
    return this.#clockAt + (this.#options.scheduler.now - this.#clockSetAt) * this.#rate;
  }

  // --- Answers ----------------------------------------------------------------------------------

  #mayAnswer(): boolean {
    return this.#lease.mayAnswer(this.#monotonicMs);
  }

  #answer(request: Request, answer: Answer): void {
    const { ledger, log } = this.#options;
    const { documentId, entry } = request;
    if (answer.type !== 'retry' && answer.type !== 'elsewhere') {
      if (!this.#mayAnswer()) return;
      log.record(this.name, answer.type, `${documentId} ${JSON.stringify(entry)}`);
    }
    if (answer.type === 'acknowledged') ledger.acknowledged(documentId, entry, answer.version);
    if (answer.type === 'withdrawn') ledger.withdrawn(documentId, entry);
    if (answer.type === 'read') ledger.read(documentId, answer.entries, this.name);
    request.answer(answer);
  }

  #answerWaiting(documentId: string, answer: (request: Request) => void): void {
    const waiting = this.#waiting.get(documentId) ?? [];
    this.#waiting.delete(documentId);
    for (const request of waiting) answer(request);
  }

  // --- The lease --------------------------------------------------------------------------------

  #join(): void {
    this.#stepLease({ type: 'start', leaseId: `${this.name}#${++this.#leases}` });
  }

  #stepLease(input: LeaseInput): void {
    for (const effect of this.#lease.step(input, this.#monotonicMs)) this.#runLease(effect);
  }

  #runLease(effect: LeaseEffect): void {
    const { log, cores, configuration } = this.#options;
    const { isRenewedByOne } = configuration.wrong;
    switch (effect.type) {
      case 'renew': {
        const { leaseId, number } = effect;
        const answered = this.#back<{ readonly value: string } | null>((answer) => {
          if (answer?.value === 'renewed') this.#stepLease({ type: 'renewed', leaseId, number });
          if (answer?.value === 'ended') this.#stepLease({ type: 'ended', leaseId });
        });
        return this.#link.write(
          renew(effect, this.name, cores.leaseTimes),
          answered,
          isRenewedByOne,
        );
      }
      case 'startTimer':
        this.#cancel(this.#leaseTimer);
        this.#leaseTimer = this.#after(effect.ms, () => this.#stepLease({ type: 'timer' }));
        return;
      case 'held':
        log.record(this.name, 'holds', effect.leaseId);
        this.#step({ type: 'leaseHeld', leaseId: effect.leaseId });
        return this.#readMembersOnce();
      case 'lost':
        log.record(this.name, 'lost', effect.leaseId);
        this.#step({ type: 'leaseLost' });
        this.#after(JOINS_AGAIN_MS, () => {
          if (!this.#isDraining) this.#join();
        });
        return;
      case 'end':
        this.#link.write(endLease(effect.leaseId, true), () => undefined);
    }
  }

  #readMembers(): void {
    this.#readMembersOnce();
    this.#after(MEMBERS_EVERY_MS, () => this.#readMembers());
  }

  #readMembersOnce(): void {
    const read = this.#back<{ readonly value: ReturnType<typeof membersOf> } | null>((answer) => {
      if (answer !== null) this.#step({ type: 'members', ...answer.value });
    });
    this.#link.read(membersOf, read);
  }

  // --- Ownership --------------------------------------------------------------------------------

  #step(input: OwnershipInput): void {
    for (const effect of this.#table.step(input)) this.#run(effect);
  }

  #run(effect: OwnershipEffect): void {
    switch (effect.type) {
      case 'ask': {
        const { documentId, ticket, question } = effect;
        const answered = this.#back<OwnershipAnswer>((answer) =>
          this.#step({ type: 'answered', documentId, ticket, answer }),
        );
        return this.#database.ask(documentId, question, answered);
      }
      case 'acquired':
        return this.#acquired(effect.documentId, effect.epoch, effect.head);
      case 'elsewhere': {
        const { node } = effect.member;
        return this.#answerWaiting(effect.documentId, ({ answer }) =>
          answer({ type: 'elsewhere', node }),
        );
      }
      case 'notAcquired':
      case 'released':
        return this.#answerWaiting(effect.documentId, ({ answer }) => answer({ type: 'retry' }));
      case 'close':
        this.#options.log.record(this.name, 'hands over', effect.documentId);
        return this.#owners.get(effect.documentId)?.close();
      case 'drop':
        this.#owners.get(effect.documentId)?.drop();
        this.#owners.delete(effect.documentId);
        return;
      case 'startTimer':
        this.#cancel(this.#tableTimer);
        this.#tableTimer = this.#after(effect.ms, () =>
          this.#step({ type: 'timer', random: this.#options.random.next() }),
        );
        return;
      case 'drained':
        this.#stepLease({ type: 'leave' });
        this.#after(ENDS_MS, () => this.kill());
    }
  }

  #acquired(documentId: string, epoch: number, head: number): void {
    const { log, configuration, ledger, set } = this.#options;
    let owner = this.#owners.get(documentId);
    if (owner === undefined) {
      log.record(this.name, 'owns', `${documentId} in epoch ${epoch} from ${head}`);
      const opened = new SimulatedOwner(epoch, {
        append: (firstVersion, entries, done) => {
          const batch = this.#database.batch(firstVersion, epoch, entries);
          this.#database.append(documentId, batch, (outcome) => {
            if (outcome === 'fenced') {
              ledger.fenced(documentId, batch, batchAt(set.committed, documentId, firstVersion));
            }
            done(outcome);
          });
        },
        closed: (version, isClean) => this.#closed(documentId, epoch, version, isClean),
        arePipelined: configuration.wrong.arePipelined,
      });
      owner = opened;
      this.#owners.set(documentId, opened);
      this.#open(documentId, opened, head, 1);
    }
    const requests = this.#waiting.get(documentId) ?? [];
    this.#waiting.delete(documentId);
    for (const request of requests) owner.handle(request);
  }

  /** What is read must reach the head: a stale member of the database may have less. */
  #open(documentId: string, owner: SimulatedOwner, head: number, attempt: number): void {
    const read = this.#back<{ readonly value: { readonly entries: readonly Entry[] } } | null>(
      (answer) => {
        if (owner.isGone) return;
        const entries = answer?.value.entries ?? [];
        if (answer !== null && entries.length >= head) return owner.opened(entries);
        if (attempt < OPENS_MAX) {
          const again = (): void => this.#open(documentId, owner, head, attempt + 1);
          return void this.#after(OPENS_AGAIN_MS, again);
        }
        owner.close();
        owner.drop();
        this.#closed(documentId, owner.epoch, head, true);
      },
    );
    this.#link.read((rows) => readLog(rows, documentId), read);
  }

  #closed(documentId: string, epoch: number, head: number, isClean: boolean): void {
    this.#owners.delete(documentId);
    this.#step({ type: 'closed', documentId, epoch, head, isClean });
  }
}
