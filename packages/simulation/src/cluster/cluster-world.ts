/**
 * A world of several nodes over one replica set, decided by one seed. Faults happen until they stop; then every client
 * gets its answers, every node shows the whole log, and every document is where it belongs, within a bounded time.
 */
import type { Cores } from '../cores.ts';
import type { EventLog, TraceSink } from '../event-log.ts';
import { must } from '../invariant-error.ts';
import { Random } from '../random.ts';
import { runToRest, type RunnableWorld } from '../run-to-rest.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SeedResult } from '../world.ts';
import { ClusterClient } from './cluster-client.ts';
import type { ClusterConfiguration } from './cluster-configuration.ts';
import { membersOf } from './cluster-database.ts';
import { ClusterLedger } from './cluster-ledger.ts';
import { ReplicaSet } from './replica-set.ts';
import { SimulatedNode } from './simulated-node.ts';

const QUIESCENCE_MS = 240_000;
/** Requests that were sent before are carried out, or lost. */
const LANDED_MS = 20_000;
const LOOK_EVERY_MS = 500;

/** Runs a world of a cluster to its end. Every fault of a core or a check ends it with a failure. */
export function runClusterWorld(
  configuration: ClusterConfiguration,
  cores: Cores,
  trace: TraceSink | null = null,
): SeedResult {
  return runToRest(
    configuration,
    trace,
    (scheduler, log) => new ClusterWorld(configuration, cores, scheduler, log),
  );
}

class ClusterWorld implements RunnableWorld {
  readonly #configuration: ClusterConfiguration;
  readonly #cores: Cores;
  readonly #scheduler: Scheduler;
  readonly #log: EventLog;
  readonly #random: Random;
  readonly #ledger: ClusterLedger;
  readonly #set: ReplicaSet;
  readonly #nodes: SimulatedNode[] = [];
  readonly #clients: ClusterClient[] = [];
  readonly #documents: string[];
  #isCalm = false;
  #isAtRest = false;

  constructor(
    configuration: ClusterConfiguration,
    cores: Cores,
    scheduler: Scheduler,
    log: EventLog,
  ) {
    const random = new Random(`cluster-world/${configuration.seed}`);
    this.#configuration = configuration;
    this.#ledger = new ClusterLedger(configuration.areClocksWrong);
    this.#cores = cores;
    this.#scheduler = scheduler;
    this.#log = log;
    this.#random = random.fork('faults');
    const { database, nodes, documents } = configuration;
    this.#set = new ReplicaSet(scheduler, random.fork('database'), database, log, (change) =>
      this.#ledger.committed(change),
    );
    this.#documents = Array.from({ length: documents }, (_, index) => `document${index}`);
    for (let index = 0; index < nodes; index++) {
      const name = `node${index}`;
      const { set, ledger } = { set: this.#set, ledger: this.#ledger };
      this.#nodes.push(
        new SimulatedNode({ cores, configuration, scheduler, random: random.fork(name), set, ledger, log, name }), // prettier-ignore
      );
    }
  }

  get versions(): number {
    return this.#ledger.versions;
  }

  begin(): void {
    const configuration = this.#configuration;
    const scheduler = this.#scheduler;
    for (const node of this.#nodes) {
      scheduler.after(this.#random.skewed(0, 3_000), () => node.start());
    }
    for (let index = 0; index < configuration.clients; index++) {
      const name = `client${index}`;
      const documentId = this.#documents[index % this.#documents.length] ?? '';
      const random = new Random(`cluster-client/${configuration.seed}/${index}`);
      const nodes = this.#nodes;
      const isHealed = (): boolean => this.#isCalm;
      this.#clients.push(
        new ClusterClient(name, documentId, configuration.actionsPerClient, { scheduler, random, configuration, nodes, isHealed }), // prettier-ignore
      );
    }
    this.#often(configuration.killsPerMinute, () => this.#withNode((node) => this.#kill(node)));
    this.#often(configuration.drainsPerMinute, () => this.#withNode((node) => node.drain()));
    this.#often(configuration.pausesPerMinute, () => this.#withNode((node) => this.#pause(node)));
    this.#often(configuration.cutsPerMinute, () => this.#withNode((node) => this.#cut(node)));
    this.#often(configuration.idlesPerMinute, () =>
      this.#withNode((node) => {
        const [documentId] = node.open;
        if (documentId !== undefined) node.idle(documentId);
      }),
    );
    this.#often(configuration.database.electionsPerMinute, () => this.#set.fail());
    this.#restart();
  }

  /** Faults stop. Returns how long it took until everything was answered and in its place. */
  comeToRest(): number {
    const { durationMs } = this.#configuration;
    this.#log.record('world', 'faults stop');
    this.#isCalm = true;
    this.#set.isHealed = true;
    for (const node of this.#nodes) {
      node.link.isCut = false;
      node.resume();
      node.correctClock();
    }
    for (let passed = 0; ; passed += LOOK_EVERY_MS) {
      const reason = this.#waitsFor(passed);
      if (reason === null) return passed;
      must(passed < QUIESCENCE_MS, 'I9', () => `after ${passed} ms of calm, ${reason}`);
      this.#scheduler.runUntil(durationMs + passed + LOOK_EVERY_MS);
    }
  }

  #waitsFor(passed: number): string | null {
    if (passed < LANDED_MS) return 'requests may be under way';
    const busy = this.#clients.find(({ isIdle }) => !isIdle);
    if (busy !== undefined) return `${busy.name} waits for an answer`;
    if (!this.#isAtRest) {
      this.#isAtRest = true;
      this.#ledger.isAtRest = true;
      for (const client of this.#clients) client.look();
      return 'clients look';
    }
    const down = this.#nodes.find(({ isServing }) => !isServing);
    if (down !== undefined) return `${down.name} does not serve`;
    for (const documentId of new Set(this.#clients.map((client) => client.documentId))) {
      const at = this.#nodes.filter(({ open }) => open.includes(documentId));
      const [node] = at;
      if (at.length > 1) return `${at.length} nodes have ${documentId}`;
      if (node === undefined) continue;
      const { live } = membersOf(this.#set.committed, this.#scheduler.now);
      const preferred = this.#cores.preferredMember(documentId, live)?.node;
      if (node.name !== preferred) return `${documentId} is at ${node.name}, not at ${preferred}`;
    }
    return null;
  }

  #often(perMinute: number, run: () => void): void {
    if (perMinute === 0) return;
    const again = (): void => {
      const waitMs = (-Math.log(1 - this.#random.next()) * 60_000) / perMinute;
      this.#scheduler.after(waitMs, () => {
        if (this.#isCalm) return;
        run();
        again();
      });
    };
    again();
  }

  #withNode(run: (node: SimulatedNode) => void): void {
    const [first, ...rest] = this.#nodes.filter(({ isUp }) => isUp);
    if (first !== undefined) run(this.#random.pick([first, ...rest]));
  }

  #kill(node: SimulatedNode): void {
    node.kill();
  }

  /** Nodes that are down start again after a while. */
  #restart(): void {
    const { downMs } = this.#configuration;
    this.#scheduler.after(this.#random.integer(downMs / 2, downMs), () => {
      for (const node of this.#nodes) if (this.#scheduler.now > 3_000) node.start();
      this.#restart();
    });
  }

  #pause(node: SimulatedNode): void {
    const { pauseMs } = this.#configuration;
    node.pause();
    this.#scheduler.after(this.#random.integer(pauseMs / 4, pauseMs), () => node.resume());
  }

  #cut(node: SimulatedNode): void {
    const { cutMs } = this.#configuration;
    this.#log.record(node.name, 'is cut off');
    node.link.isCut = true;
    this.#scheduler.after(this.#random.integer(cutMs / 4, cutMs), () => {
      node.link.isCut = false;
    });
  }
}
