/**
 * For tests: several whole servers in this process, over one store in memory. Where a document is, the test says. Other
 * nodes reach each by a relay, so that one can be cut off without a word.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { randomId, type DocumentId } from '@concord/protocol';
import { GatewayScene } from '../../realtime/test-gateway.ts';
import { openMemoryStore } from '../../store/memory/memory-store.ts';
import type { LiveLease } from '../../store/ports/cluster-store.ts';

export class Nodes {
  /** By name. */
  readonly scenes = new Map<string, GatewayScene>();
  /** Names of the nodes that have documents. */
  readonly places = new Map<DocumentId, string>();
  readonly #draining = new Set<string>();
  readonly #leases = new Map<string, LiveLease>();
  readonly #relays = new Map<string, Relay>();
  /** Of the guest who writes everything. */
  readonly guest = { guesttoken: randomId() };

  static async open(
    names: readonly string[],
    environmentOf: (name: string) => NodeJS.ProcessEnv = () => ({}),
  ): Promise<Nodes> {
    const nodes = new Nodes();
    // Never closed: each server would close it for the others.
    const store = { ...openMemoryStore(), close: async () => {} };
    for (const node of names) {
      const scene = await GatewayScene.open(environmentOf(node), store, {
        node,
        isDraining: () => nodes.#draining.has(node),
        locations: {
          live: () => [...nodes.#leases.values()],
          locate: async (id) => {
            const lease = nodes.#leases.get(nodes.places.get(id) ?? node);
            return lease === undefined || lease.node === node
              ? { kind: 'here' }
              : { kind: 'elsewhere', lease };
          },
        },
      });
      const relay = await Relay.open(scene.port);
      nodes.scenes.set(node, scene);
      nodes.#relays.set(node, relay);
      const address = `http://127.0.0.1:${relay.port}`;
      nodes.#leases.set(node, { leaseId: `${node}-1`, node, address, publicUrl: null, weight: 1, isDraining: false }); // prettier-ignore
    }
    return nodes;
  }

  scene(name: string): GatewayScene {
    const scene = this.scenes.get(name);
    if (scene === undefined) throw new Error(`There is no node ${name}.`);
    return scene;
  }

  /** A document that this node has. */
  async document(name: string, text: string, fields: object = {}): Promise<DocumentId> {
    const headers = { ...this.guest, 'content-type': 'application/json' };
    const body = JSON.stringify({ text, ...fields });
    const answer = await this.scene(name).ask('/api/v1/documents', headers, { method: 'POST', body }); // prettier-ignore
    const { id } = JSON.parse(answer.text) as { id: DocumentId };
    this.places.set(id, name);
    return id;
  }

  /** Others cannot reach the node any more; its lease lives on. */
  cutOff(name: string): Promise<void> {
    return this.#relays.get(name)?.close() ?? Promise.resolve();
  }

  /** The node is asked to leave; it goes on running. */
  drain(name: string): void {
    this.#draining.add(name);
  }

  /** The lease of the node is over. */
  gone(name: string): void {
    this.#leases.delete(name);
  }

  async close(): Promise<void> {
    for (const relay of this.#relays.values()) await relay.close();
    for (const scene of this.scenes.values()) await scene.close();
  }
}

/** Passes the bytes of connections on. */
class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(to: number) {
    // Half-open, as the connections between nodes are.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const onward = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true });
      for (const each of [socket, onward]) {
        this.#sockets.add(each);
        each.on('error', () => each.destroy());
      }
      socket.pipe(onward).pipe(socket);
      socket.on('close', () => onward.destroy());
      onward.on('close', () => socket.destroy());
    });
  }

  static async open(to: number): Promise<Relay> {
    const relay = new Relay(to);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
