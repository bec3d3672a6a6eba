/**
 * Any node takes any connection and any request (docs/cluster.md, Routing): what belongs to a document or a session of
 * another node is forwarded to it, once. What another node forwarded is answered here.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { documentIdOfPath, documentIdSchema, type DocumentId } from '@concord/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DocumentLocations, Location } from '../../cluster/locations.ts';
import type { NotHereError } from '../../documents/not-here-error.ts';
import type { Guard } from '../../platform/guard.ts';
import type { ServerMetrics } from '../../platform/metrics.ts';
import type { LiveLease } from '../../store/ports/cluster-store.ts';
import type { AddressOf } from '../address-of.ts';
import { acceptForwarded, isForwarded, tellForwarded } from './forwarded.ts';
import { Forwarder } from './forwarder.ts';
import { isRead, PatientReads } from './patient-reads.ts';
import { PatientUpgrades } from './patient-upgrades.ts';
import { NodeConnections } from './node-connections.ts';
import type { ForwardedClient, NodeTokens } from './node-tokens.ts';
import { sessionIdsOf, tagOfNode, tagOfSession } from './session-ids.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The handler opens the document that the address names: the request is for the node that has it. */
    opensDocument?: boolean;
  }
}

const TRANSPORT_PATH = '/socket.io/';
/** Interval of the check for nodes that are gone. */
const LOOK_MS = 500;
/** As long as a node hands its documents over. */
const DRAIN_MS = 12_000;
/** Of the time in which the whole server must have stopped; as for documents (cluster/membership.ts). */
const DRAIN_PART = 0.6;

export interface RoutingOptions {
  /** Name of this node. */
  readonly node: string;
  readonly locations: DocumentLocations;
  /** Whether this node hands its documents over, to leave. */
  readonly isDraining: () => boolean;
  readonly tokens: NodeTokens;
  readonly guard: Guard;
  readonly metrics: Pick<ServerMetrics, 'forwarded' | 'observeForwarding'>;
  readonly addressOf: AddressOf;
}

export class Routing {
  /** Makes the session ids of Engine.IO. */
  readonly newSessionId: () => string;
  readonly #options: RoutingOptions;
  readonly #ownTag: string;
  readonly #connections = new NodeConnections();
  readonly #forwarder: Forwarder;
  readonly #reads: PatientReads;
  readonly #upgrades: PatientUpgrades;
  readonly #look: NodeJS.Timeout;

  constructor(options: RoutingOptions) {
    const { node, metrics } = options;
    this.#options = options;
    this.#ownTag = tagOfNode(node);
    this.newSessionId = sessionIdsOf(node);
    this.#forwarder = new Forwarder({ ...options, connections: this.#connections });
    const patient = { forwarder: this.#forwarder, locations: options.locations };
    this.#reads = new PatientReads(patient);
    this.#upgrades = new PatientUpgrades({ ...patient, connections: this.#connections, metrics });
    metrics.observeForwarding(() => this.#connections.open);
    this.#look = setInterval(() => this.#endGone(), LOOK_MS);
    this.#look.unref();
  }

  /** Stands before the listeners that the server has now, which are those of Socket.IO; the front door comes before it. */
  behindFrontDoor(server: Server): void {
    this.#connections.share(server);
    const { guard } = this.#options;
    const handlers = server.listeners('request');
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const here = (): void => {
        for (const each of handlers) each.call(server, request, response);
      };
      const route = (): void | Promise<void> =>
        this.#route(request, here, async (lease, documentId) => {
          if (response.destroyed) return;
          const to = this.#to(lease, request);
          // A handshake is repeated: of one whose answer was lost an unused session is left, for a moment.
          if (documentId === null || !isRead(request)) {
            return this.#forwarder.request(request, response, to);
          }
          const read = { request, response, documentId, client: to.client };
          if ((await this.#reads.forward(read, lease)) === 'here') here();
        });
      void guard.run('request', route, () => request.destroy());
    });
    const upgraders = server.listeners('upgrade');
    server.removeAllListeners('upgrade');
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const here = (): void => {
        for (const each of upgraders) each.call(server, request, socket, head);
      };
      const route = (): void | Promise<void> =>
        this.#route(request, here, async (lease, documentId) => {
          if (socket.destroyed) return;
          const to = this.#to(lease, request);
          if (documentId === null) return this.#forwarder.upgrade(request, socket, head, to);
          const upgrade = { request, socket, head, documentId, client: to.client };
          if ((await this.#upgrades.forward(upgrade, lease)) === 'here') here();
        });
      void guard.run('request', route, () => socket.destroy());
    });
  }

  /** Stands before the front door, which asks for the addresses of clients. */
  beforeFrontDoor(server: Server): void {
    acceptForwarded(server, this.#options);
  }

  /** Forwards requests of routes with `opensDocument`. Before any limit counts them: the owner counts them. */
  addTo(app: FastifyInstance): void {
    tellForwarded(app);
    app.addHook('onRequest', async (request, reply) => {
      if (request.routeOptions.config.opensDocument !== true) return;
      if (isForwarded(request.raw) || isTooLong(request)) return;
      const id = documentOf(request.params as DocumentParams);
      if (id === null) return;
      const location = await this.#options.locations.locate(id);
      if (location.kind === 'here') return;
      const { lease } = location;
      if (isRead(request.raw)) return this.#forwardRead(request, reply, id, lease);
      reply.hijack();
      const client = clientOf(request);
      await this.#forwarder.request(request.raw, reply.raw, { lease, client });
    });
  }

  /**
   * Passes a request on that its handler refused, because another node has the document after all. False if that cannot be
   * done: another node sent it here, or it has a body, which was read.
   */
  async passOn(
    request: FastifyRequest,
    reply: FastifyReply,
    { owner }: NotHereError,
  ): Promise<boolean> {
    const id = documentOf(request.params as DocumentParams);
    if (id === null || isForwarded(request.raw) || !isRead(request.raw)) return false;
    await this.#forwardRead(request, reply, id, owner);
    return reply.sent;
  }

  /** Leaves the reply as it is if this node has the document by now. */
  async #forwardRead(
    request: FastifyRequest,
    reply: FastifyReply,
    documentId: DocumentId,
    lease: LiveLease,
  ): Promise<void> {
    const read = { request: request.raw, response: reply.raw, documentId, client: clientOf(request) }; // prettier-ignore
    if ((await this.#reads.forward(read, lease)) === 'answered') reply.hijack();
  }

  /**
   * The node leaves: connections that it only passes on end, paced, and their clients connect by others.
   * @param stopsWithinMs until when the whole server must have stopped
   */
  drain(stopsWithinMs = Infinity): Promise<void> {
    return this.#forwarder.endConnections(Math.min(DRAIN_MS, stopsWithinMs * DRAIN_PART));
  }

  stop(): void {
    clearInterval(this.#look);
    this.#connections.close();
  }

  #route(
    request: IncomingMessage,
    here: () => void,
    elsewhere: (lease: LiveLease, documentId: DocumentId | null) => void | Promise<void>,
  ): void | Promise<void> {
    const asked = this.#ask(request);
    if (asked === null) return here();
    const { location, documentId } = asked;
    return location.then((found) =>
      found.kind === 'here' ? here() : elsewhere(found.lease, documentId),
    );
  }

  /** Of a request of the transport; null for here, without a question. The document is null for one of a session. */
  #ask(request: IncomingMessage): Asked | null {
    const { url = '' } = request;
    if (!url.startsWith(TRANSPORT_PATH) || isForwarded(request)) return null;
    // Of several values the last counts, as for Engine.IO.
    const { sid, doc } = Object.fromEntries(new URL(url, 'http://here').searchParams);
    const { locations } = this.#options;
    if (sid !== undefined && sid !== '') {
      const tag = tagOfSession(sid);
      if (tag === null || tag === this.#ownTag) return null;
      // A session of a node that is gone is unknown here, and Engine.IO says so: its client connects again at once.
      const lease = locations.live().find(({ node }) => tagOfNode(node) === tag);
      if (lease === undefined) return null;
      return { location: Promise.resolve({ kind: 'elsewhere', lease }), documentId: null };
    }
    const { success, data } = documentIdSchema.safeParse(doc);
    return success ? { location: locations.locate(data), documentId: data } : null;
  }

  #to(lease: LiveLease, request: IncomingMessage) {
    // The transport does not ask for the scheme.
    return { lease, client: { address: this.#options.addressOf(request), isHttps: false } };
  }

  #endGone(): void {
    this.#connections.endExcept(this.#options.locations.live().map(({ address }) => address));
    if (this.#options.isDraining()) void this.drain();
  }
}

interface Asked {
  readonly location: Promise<Location>;
  readonly documentId: DocumentId | null;
}

const clientOf = (request: FastifyRequest): ForwardedClient => ({
  address: request.ip,
  isHttps: request.protocol === 'https',
});

/** It is refused here as the owner would: an owner that refuses a body half-way can break the connection. */
function isTooLong({ headers, routeOptions }: FastifyRequest): boolean {
  return Number(headers['content-length'] ?? 0) > (routeOptions.bodyLimit ?? Infinity);
}

interface DocumentParams {
  readonly id?: string;
  /** `<slug>-<id>` */
  readonly name?: string;
}

/** Null when the address names none: the route says so. */
function documentOf({ id, name }: DocumentParams): DocumentId | null {
  if (name !== undefined) return documentIdOfPath(name);
  const parsed = documentIdSchema.safeParse(id);
  return parsed.success ? parsed.data : null;
}
