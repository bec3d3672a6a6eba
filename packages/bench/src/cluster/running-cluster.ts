/** Nodes of Concord over one database, each a process of its own, and what the database says about their documents. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Plan } from '../comparison.ts';
import { LoadError } from '../load-client.ts';
import type { BenchDatabase } from '../mongodb/database-for-bench.ts';
import type { Usage } from '../server-probe.ts';
import { RunningServer } from '../sides.ts';

const READY_WITHIN_MS = 60_000;
/** No check fails here: that a machine is too busy to renew a lease in time must not end a run. */
const LEASE_MS = '30000';
const MEMBERS = /^concord_cluster_members (\d+)$/m;

export class RunningCluster {
  readonly #plan: Plan;
  readonly #storeUrl: string;
  /** By name, in the order in which they joined. */
  readonly #nodes = new Map<string, RunningServer>();

  /** @param name of the database, which is a cluster of its own */
  constructor(plan: Plan, database: BenchDatabase, name: string) {
    this.#plan = plan;
    this.#storeUrl = database.url(name);
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** For the load: connections go to all nodes in turn, as through a load balancer. */
  get target(): { readonly side: 'concord'; readonly url: string; readonly others: string[] } {
    const [url = '', ...others] = [...this.#nodes.values()].map((node) => node.url);
    return { side: 'concord', url, others };
  }

  /** Resolves when every node counts it as a member. */
  async join(): Promise<void> {
    const name = `node-${this.#nodes.size + 1}`;
    const environment = {
      CONCORD_STORE: this.#storeUrl,
      CONCORD_NODE: name,
      CONCORD_NODE_LEASE_MS: LEASE_MS,
    };
    const { environment: given } = this.#plan;
    const node = await RunningServer.start('concord', {
      ...this.#plan,
      environment: { ...given, ...environment },
    });
    this.#nodes.set(name, node);
    await this.#untilAllKnow();
  }

  /** The node that joined last drains and ends. */
  async leave(): Promise<void> {
    const [name, node] = [...this.#nodes].at(-1) ?? [];
    if (name === undefined || node === undefined) throw new LoadError('No node is left');
    this.#nodes.delete(name);
    await node.stop();
  }

  /** By node, in the order in which they joined. */
  usage(): Promise<readonly Usage[]> {
    return Promise.all([...this.#nodes.values()].map((node) => node.usage()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.stop()));
    this.#nodes.clear();
  }

  async #untilAllKnow(): Promise<void> {
    const until = performance.now() + READY_WITHIN_MS;
    for (const { url } of this.#nodes.values()) {
      for (;;) {
        const metrics = await (await fetch(`${url}/metrics`)).text();
        if (Number(MEMBERS.exec(metrics)?.[1]) === this.size) break;
        if (performance.now() > until) throw new LoadError('The nodes do not find each other');
        await delay(50);
      }
    }
  }
}
