/**
 * A client of one document: operations one after the other, each until it is acknowledged or given up, and reads. It asks
 * the node that it was sent to, or any.
 */
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { ClusterConfiguration } from './cluster-configuration.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Answer, Request } from './simulated-owner.ts';

const TIMEOUT_MS = 2_000;
const RETRY_MS = 300;
/** How often a node sends a client on before it asks any node. */
const HOPS_MAX = 3;

export interface ClientPorts {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly configuration: ClusterConfiguration;
  readonly nodes: readonly SimulatedNode[];
  readonly isHealed: () => boolean;
}

export class ClusterClient {
  readonly name: string;
  readonly documentId: string;
  readonly #ports: ClientPorts;
  #seq = 0;
  #left: number;
  #request: Request['type'] | null = null;
  /** Names the connection: answers of former ones are not read. */
  #attempt = 0;
  #hops = 0;
  #node: string | null = null;

  constructor(name: string, documentId: string, actions: number, ports: ClientPorts) {
    this.name = name;
    this.documentId = documentId;
    this.#left = actions;
    this.#ports = ports;
    this.#later();
  }

  get isIdle(): boolean {
    return this.#request === null && this.#left === 0;
  }

  /** One more read, of any node, by a client that is idle. */
  look(): void {
    this.#node = null;
    this.#left++;
    this.#begin('read');
  }

  #later(): void {
    // A client that is done begins nothing by itself, also when it is asked to look once more.
    if (this.#left === 0) return;
    const { scheduler, random, configuration } = this.#ports;
    scheduler.after(random.integer(1, configuration.paceMs), () => {
      this.#begin(random.chance(configuration.readChance) ? 'read' : 'submit');
    });
  }

  #begin(type: 'read' | 'submit'): void {
    if (type === 'submit') this.#seq++;
    this.#request = type;
    this.#try(false);
  }

  #try(isForwarded: boolean): void {
    const { scheduler, random, configuration, nodes } = this.#ports;
    const type = this.#request;
    if (type === null) return;
    const attempt = ++this.#attempt;
    const [first, ...others] = nodes;
    const node = nodes.find(({ name }) => name === this.#node) ?? (first === undefined ? undefined : random.pick([first, ...others])); // prettier-ignore
    const isOpen = (): boolean => attempt === this.#attempt;
    const way = (run: () => void): void => {
      if (!this.#ports.isHealed() && random.chance(configuration.lossChance)) return;
      scheduler.after(random.skewed(0, configuration.latencyMs), () => {
        if (isOpen()) run();
      });
    };
    const entry = { client: this.name, seq: type === 'read' ? 0 : this.#seq };
    const answer = (given: Answer): void => way(() => this.#answered(given));
    const { documentId } = this;
    way(() => node?.handle({ type, documentId, entry, isForwarded, isOpen, answer }));
    scheduler.after(TIMEOUT_MS, () => {
      if (!isOpen()) return;
      if (type === 'submit' && random.chance(configuration.withdrawChance)) {
        this.#request = 'withdraw';
      }
      this.#node = null;
      this.#try(false);
    });
  }

  #answered(answer: Answer): void {
    const { scheduler, random } = this.#ports;
    if (answer.type === 'elsewhere' && this.#hops++ < HOPS_MAX) {
      this.#node = answer.node;
      return this.#try(true);
    }
    this.#hops = 0;
    if (answer.type === 'elsewhere' || answer.type === 'retry') {
      this.#node = random.chance(0.5) ? this.#node : null;
      // Ends this attempt, whatever its node still does.
      this.#attempt++;
      scheduler.after(random.integer(1, RETRY_MS), () => this.#try(false));
      return;
    }
    this.#attempt++;
    this.#request = null;
    this.#left--;
    this.#later();
  }
}
