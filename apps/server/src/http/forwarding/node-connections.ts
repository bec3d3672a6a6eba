/**
 * Connections of this node to other nodes. They take descriptors of the process as those of clients do, and leave
 * clients so many fewer. One that is not made within a second is given up, and so are all to a node that is gone.
 */
import { Agent, type Server } from 'node:http';
import { connect, Socket } from 'node:net';

const CONNECT_MS = 1_000;
/** Idle connections that are kept per node, for requests. */
const KEPT_PER_NODE = 32;

/** The node was not reached in time: nothing was sent. */
export class NodeUnreachableError extends Error {
  readonly code = 'nodeUnreachable';
}

export interface NodeConnectionsOptions {
  /** Milliseconds; for tests. */
  readonly connectMs?: number;
}

/** A connection that is there. */
export interface Reached {
  /** For one request, over this connection. */
  readonly agent: Agent;
  /** Ends it, unless a request uses it. */
  readonly close: () => void;
}

export class NodeConnections {
  readonly #connectMs: number;
  /** With host and port. */
  readonly #sockets = new Map<Socket, string>();
  /** Keeps connections. */
  readonly forRequests: Agent;
  /** A new connection for each: one that was kept may be closing just now. */
  readonly forUpgrades: Agent;
  #server: Server | null = null;
  #serverMax = Infinity;
  #clients = 0;

  constructor({ connectMs = CONNECT_MS }: NodeConnectionsOptions = {}) {
    this.#connectMs = connectMs;
    this.forRequests = this.#agent({ keepAlive: true, maxFreeSockets: KEPT_PER_NODE });
    this.forUpgrades = this.#agent({ keepAlive: false });
  }

  /** Divides what connections the server may have, from now on. */
  share(server: Server): void {
    this.#server = server;
    this.#serverMax = server.maxConnections ?? Infinity;
    server.on('connection', (socket: Socket) => {
      this.#clients += 1;
      socket.once('close', () => (this.#clients -= 1));
    });
  }

  /** Connections that are open, or being made. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Whether another connection would take the place of a client's. */
  get isFull(): boolean {
    return this.#clients + this.open >= this.#serverMax;
  }

  /** Ends the connections to nodes that have none of these addresses: their leases are over, whether or not they run. */
  endExcept(addresses: readonly string[]): void {
    const live = new Set(addresses.map(hostOf));
    for (const [socket, host] of this.#sockets) if (!live.has(host)) socket.destroy();
  }

  /**
   * Connects to a node, before anything is sent to it.
   * @returns null for a node that is not reached
   */
  reach(address: string): Promise<Reached | null> {
    const { hostname, port } = new URL(address);
    const socket = connect({ host: hostname, port: Number(port === '' ? 80 : port) });
    this.#watch(socket, hostOf(address));
    return new Promise((resolve) => {
      socket.once('error', () => resolve(null));
      socket.once('close', () => resolve(null));
      socket.once('connect', () => {
        const agent = new Agent({ keepAlive: false });
        let isUsed = false;
        agent.createConnection = () => {
          isUsed = true;
          return socket;
        };
        resolve({ agent, close: () => void (isUsed || socket.destroy()) });
      });
    });
  }

  close(): void {
    this.endExcept([]);
  }

  #agent(options: { readonly keepAlive: boolean; readonly maxFreeSockets?: number }): Agent {
    const agent = new Agent(options);
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (to, callback) => {
      const socket = create(to, callback);
      if (socket instanceof Socket) this.#watch(socket, `${to.host}:${to.port}`);
      return socket;
    };
    return agent;
  }

  #watch(socket: Socket, host: string): void {
    this.#sockets.set(socket, host);
    this.#limitClients();
    const late = (): void => void socket.destroy(new NodeUnreachableError('not connected in time'));
    const timer = setTimeout(late, this.#connectMs);
    socket.once('connect', () => clearTimeout(timer));
    socket.once('close', () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
      this.#limitClients();
    });
  }

  #limitClients(): void {
    if (this.#server === null || this.#serverMax === Infinity) return;
    this.#server.maxConnections = Math.max(1, this.#serverMax - this.open);
  }
}

/** As an agent is asked to connect. */
function hostOf(address: string): string {
  const { hostname, port } = new URL(address);
  return `${hostname}:${port === '' ? 80 : port}`;
}
