/**
 * Connections to a document whose node is not reached: it was killed, or is cut off. They wait for the node that takes the
 * document, for a bounded time, as reads do (patient-reads.ts). Refused at once, their clients would come back by their
 * backoff, which is longer than it takes until another node has the document.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DocumentId } from '@concord/protocol';
import type { ServerMetrics } from '../../platform/metrics.ts';
import type { LiveLease } from '../../store/ports/cluster-store.ts';
import { refuseUpgrade } from '../answer-problem.ts';
import type { Forwarder } from './forwarder.ts';
import { ownerUnreachable } from './forwarding-problems.ts';
import type { NodeConnections } from './node-connections.ts';
import type { ForwardedClient } from './node-tokens.ts';
import { searchFor, type PatienceOptions } from './patience.ts';

export interface PatientUpgradesOptions extends PatienceOptions {
  readonly forwarder: Pick<Forwarder, 'upgrade'>;
  readonly connections: Pick<NodeConnections, 'reach'>;
  readonly metrics: Pick<ServerMetrics, 'forwarded'>;
}

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly documentId: DocumentId;
  readonly client: ForwardedClient;
}

export class PatientUpgrades {
  readonly #options: PatientUpgradesOptions;

  constructor(options: PatientUpgradesOptions) {
    this.#options = options;
  }

  /**
   * Connects the client with the node that has the document, or refuses it. Resolves to `here` if this node has it by now:
   * nothing was answered then. Never rejects. A client that leaves meanwhile is not noticed before the end: its socket is
   * not read.
   */
  async forward(upgrade: Upgrade, lease: LiveLease): Promise<'answered' | 'here'> {
    const { request, socket, head, documentId, client } = upgrade;
    const { forwarder, connections, metrics } = this.#options;
    const search = searchFor(documentId, this.#options, () => socket.destroyed);
    for (let to = lease; ;) {
      const reached = await connections.reach(to.address);
      if (reached !== null) {
        await forwarder.upgrade(request, socket, head, { lease: to, client }, reached.agent);
        reached.close();
        return 'answered';
      }
      metrics.forwarded('connection', 'failed');
      const next = await search(to);
      if (next?.kind === 'here') return 'here';
      if (next === null) {
        if (!socket.destroyed) refuseUpgrade(socket, ownerUnreachable());
        return 'answered';
      }
      to = next.lease;
    }
  }
}
