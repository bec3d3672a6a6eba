/** Makes this server a node of a cluster: it joins when it listens, and leaves in order. See docs/cluster.md. */
import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentRegistry } from '../documents/document-registry.ts';
import type { Ownership } from '../documents/ownership.ts';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { Store } from '../store/ports/store.ts';
import { ClusterNode } from './cluster-node.ts';
import { ClusterOwnership, clusterDocuments } from './cluster-ownership.ts';
import type { LeaseTimes } from './core/node-lease.ts';

/** Documents are handed over within this, about as long as the table takes for many of them; the rest is dropped. */
const DRAIN_MS = 12_000;
/** Of the time that a process has to end (ending.ts): the rest is for what comes after. */
const DRAIN_PART = 0.6;
/** The last writes of a node whose database does not answer. */
const LAST_WRITES_MS = 2_000;

export interface MembershipOptions {
  readonly config: Pick<Config, 'node' | 'host'>;
  readonly store: Pick<Store, 'cluster' | 'documents' | 'log'>;
  readonly log: Log;
  readonly metrics: Pick<ServerMetrics, 'ofCluster'>;
  /** For tests. */
  readonly times?: LeaseTimes;
}

/** Null for a server whose store is its own: it owns every document. */
export function membershipOf(options: MembershipOptions): Membership | null {
  return options.store.cluster === null ? null : new Membership(options, options.store.cluster);
}

export class Membership {
  readonly #options: MembershipOptions;
  readonly #cluster: NonNullable<Store['cluster']>;
  readonly #ownership: ClusterOwnership;
  #node: ClusterNode | null = null;
  #draining: Promise<void> | null = null;

  constructor(options: MembershipOptions, cluster: NonNullable<Store['cluster']>) {
    this.#options = options;
    this.#cluster = cluster;
    this.#ownership = new ClusterOwnership(options.store.documents);
  }

  get ownership(): Ownership {
    return this.#ownership;
  }
  /** Null until the server listens. */
  get node(): ClusterNode | null {
    return this.#node;
  }
  /** It holds its lease, and takes documents: a load balancer may send clients here. */
  get isReady(): boolean {
    return this.#node !== null && !this.#node.isDraining && this.#node.mayAnswer();
  }
  get isDraining(): boolean {
    return this.#node?.isDraining ?? false;
  }

  /** @param port on which the server listens */
  start(registry: Pick<DocumentRegistry, 'close' | 'drop'>, port: number): ClusterNode {
    const { config, store, log, metrics } = this.#options;
    const { name, address, publicUrl, weight, leaseMs } = config.node;
    const { times = timesOf(leaseMs) } = this.#options;
    const gauges = {
      isLeaseHeld: () => node.mayAnswer(),
      leaseAgeMs: () => node.leaseAgeMs,
      members: () => node.live().length,
      ownedDocuments: () => node.ownedDocuments,
      isDraining: () => node.isDraining,
    };
    const node: ClusterNode = new ClusterNode({
      store: this.#cluster,
      log: store.log,
      documents: clusterDocuments(registry),
      node: name,
      address: address ?? addressOf(config.host, port),
      publicUrl,
      weight,
      logger: log,
      metrics: metrics.ofCluster(gauges),
      drainRequested: () => void this.drain('an administrator asked for it'),
      randomId: () => randomBytes(9).toString('base64url'),
      times,
    });
    this.#node = node;
    this.#ownership.connect(node);
    node.start();
    return node;
  }

  /**
   * Hands all documents over, and takes none any more. Resolves when none is left, at a deadline in any case. The process
   * goes on, and is not ready.
   */
  drain(reason: string, withinMs = DRAIN_MS): Promise<void> {
    this.#draining ??= this.#drain(reason, withinMs);
    return this.#draining;
  }

  async #drain(reason: string, withinMs: number): Promise<void> {
    const { log } = this.#options;
    const node = this.#node;
    if (node === null) return;
    log.info({ reason, documents: node.ownedDocuments }, 'draining: documents go to other nodes');
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const late = sleep(withinMs + LAST_WRITES_MS, undefined, { signal, ref: false });
    late.catch(() => {});
    await Promise.race([node.drain(withinMs), late]);
    giveUp.abort();
    log.info({}, 'drained: this node has no documents, and takes none');
  }

  /**
   * Drains, and asks the database nothing more.
   * @param withinMs until when the whole server must have stopped
   */
  async stop(withinMs = DRAIN_MS / DRAIN_PART): Promise<void> {
    await this.drain('the server stops', Math.min(DRAIN_MS, withinMs * DRAIN_PART));
    this.#node?.stop();
  }
}

/** A fifth of a lease is the margin for clocks, and a renewal is sent as often: those of `leaseTimes` for its length. */
const timesOf = (leaseMs: number): LeaseTimes => ({
  leaseMs,
  marginMs: leaseMs / 5,
  renewEveryMs: leaseMs / 5,
});

/** Where other nodes reach this server, when nothing else is set. */
export function addressOf(host: string, port: number): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = host === 'localhost' ? '127.0.0.1' : isEverywhere ? hostname() : host;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}
