/**
 * Passes requests and connections of clients on to the node that answers them, by httpxy. Nothing is sent twice, but
 * reads (patient-reads.ts). Bodies are streamed with back-pressure both ways: of a slow reader no more waits here than
 * the buffers of two sockets.
 */
import type { Agent, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FORWARDED_PER_ADDRESS } from '@concord/protocol';
import { createProxyServer, proxyUpgrade } from 'httpxy';
import { networkOf } from '../../platform/ip-network.ts';
import type { ForwardedKind, ServerMetrics } from '../../platform/metrics.ts';
import type { LiveLease } from '../../store/ports/cluster-store.ts';
import { answerProblem, refuseUpgrade } from '../answer-problem.ts';
import type { Problem } from '../problem.ts';
import { ForwardedConnections } from './forwarded-connections.ts';
import { FORWARDED_HEADER } from './forwarded.ts';
import { outcomeUnknown, ownerUnreachable, tooMuchForwarded } from './forwarding-problems.ts';
import type { NodeConnections } from './node-connections.ts';
import type { ForwardedClient, NodeTokens } from './node-tokens.ts';

/** Without a byte either way; Socket.IO's server sends a ping every 25 seconds, and a poll is answered by it. */
const IDLE_MS = 60_000;
/** The owner's answer to an upgrade. */
const UPGRADE_MS = 10_000;
/** How long the one side may take for the last bytes when the other is closed. */
const LAST_BYTES_MS = 2_000;

/** Codes of errors that come before anything is sent. */
const unsent: ReadonlySet<unknown> = new Set([
  ...['nodeUnreachable', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['ERR_INVALID_URL'],
]);

export interface ForwarderOptions {
  readonly connections: NodeConnections;
  readonly tokens: Pick<NodeTokens, 'issue'>;
  readonly metrics: Pick<ServerMetrics, 'forwarded'>;
  /** What is under way at once for one address; for tests. */
  readonly perAddress?: number;
}

/** Where to, and for whom. */
export interface Forwarding {
  readonly lease: LiveLease;
  readonly client: ForwardedClient;
}

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #proxy = createProxyServer({});
  readonly #connected = new ForwardedConnections();
  /** Of each network: requests and connections that are being passed on. */
  readonly #underWay = new Map<string, number>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** Answers the request, in any case. Never rejects. */
  async request(
    request: IncomingMessage,
    response: ServerResponse,
    forwarding: Forwarding,
  ): Promise<void> {
    const release = this.admit('request', forwarding.client.address);
    if (release === null) return answerProblem(response, tooMuchForwarded());
    const problem = await this.attempt(request, response, forwarding);
    if (problem !== null) answerProblem(response, problem);
    release();
  }

  /**
   * Sends a request that was admitted. Resolves to null if it was answered, or its client is gone; else to what to answer.
   * Never rejects.
   */
  async attempt(
    request: IncomingMessage,
    response: ServerResponse,
    { lease, client }: Forwarding,
  ): Promise<Problem | null> {
    const { connections, tokens, metrics } = this.#options;
    const before = new Set(response.getHeaderNames());
    try {
      const token = await tokens.issue(lease.node, client);
      if (response.destroyed) return null;
      metrics.forwarded('request', 'sent');
      await this.#proxy.web(request, response, {
        target: lease.address,
        agent: connections.forRequests,
        headers: { [FORWARDED_HEADER]: token },
        proxyTimeout: IDLE_MS,
      });
      return null;
    } catch (error) {
      metrics.forwarded('request', 'failed');
      if (response.headersSent) {
        response.destroy();
        return null;
      }
      for (const name of response.getHeaderNames()) {
        if (!before.has(name)) response.removeHeader(name);
      }
      const isSafe = request.method === 'GET' || request.method === 'HEAD' || isUnsent(error);
      return isSafe ? ownerUnreachable() : outcomeUnknown();
    }
  }

  /** Ends the connections that are open, paced: {@link ForwardedConnections}. */
  endConnections(withinMs: number): Promise<void> {
    return this.#connected.end(withinMs);
  }

  /**
   * Connects the client with the node, or ends its connection. Never rejects.
   * @param agent over a connection that is there already
   */
  async upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { lease, client }: Forwarding,
    agent: Agent = this.#options.connections.forUpgrades,
  ): Promise<void> {
    const { tokens, metrics } = this.#options;
    const release = this.admit('connection', client.address);
    if (release === null) return refuseUpgrade(socket, tooMuchForwarded());
    socket.once('close', release);
    try {
      const token = await tokens.issue(lease.node, client);
      if (socket.destroyed) return release();
      metrics.forwarded('connection', 'sent');
      const peer = await proxyUpgrade(lease.address, request, socket, head, {
        agent,
        headers: { [FORWARDED_HEADER]: token },
        xfwd: false,
        upgradeTimeout: UPGRADE_MS,
      });
      closeTogether(socket as Socket, peer);
      this.#connected.add(socket as Socket);
    } catch {
      // A refusal of the owner is being passed on; after any other failure the client's connection is closing.
      metrics.forwarded('connection', 'failed');
      setTimeout(() => socket.destroy(), LAST_BYTES_MS).unref();
    }
  }

  /** To be called when it is over; null when this address, or all together, have too much under way. */
  admit(kind: ForwardedKind, address: string): (() => void) | null {
    const { connections, metrics, perAddress = FORWARDED_PER_ADDRESS } = this.#options;
    const network = networkOf(address);
    const underWay = this.#underWay.get(network) ?? 0;
    if (underWay >= perAddress || connections.isFull) {
      metrics.forwarded(kind, 'refused');
      return null;
    }
    this.#underWay.set(network, underWay + 1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      const left = (this.#underWay.get(network) ?? 0) - 1;
      if (left > 0) this.#underWay.set(network, left);
      else this.#underWay.delete(network);
    };
  }
}

const isUnsent = (error: unknown): boolean =>
  unsent.has((error as NodeJS.ErrnoException | undefined)?.code);

/** What the one has still to write when the other is closed is written, for a moment. */
function closeTogether(client: Socket, node: Socket): void {
  for (const [one, other] of [
    [client, node],
    [node, client],
  ] as const) {
    one.on('error', () => one.destroy());
    one.setTimeout(IDLE_MS, () => one.destroy());
    one.once('close', () => {
      other.end();
      setTimeout(() => other.destroy(), LAST_BYTES_MS).unref();
    });
  }
}
