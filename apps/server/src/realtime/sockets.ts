/**
 * Socket.IO at the edge: connections, and the frames of each document's room. What a connection says is handled in
 * `peer.ts`, who it is in `visitors.ts`. Acknowledgement callbacks, retries and connection state recovery of Socket.IO
 * stay off: the protocol does not build on them.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ACCESS_CHECK_MS,
  documentIdSchema,
  GUEST_TOKEN_FIELD,
  JOIN_DEADLINE_MS,
  type DocumentId,
  type ServerMessage,
} from '@concord/protocol';
import { Server, type Socket } from 'socket.io';
import type { Credentials } from '../access/principal.ts';
import type { DivergenceReport, SessionTransport } from '../documents/runner-ports.ts';
import { addressReader } from '../http/address-of.ts';
import type { OriginRules } from '../http/origin.ts';
import type { Config } from '../platform/config.ts';
import { FewLines } from '../platform/few-lines.ts';
import { DivergenceAlarm } from './divergence-alarm.ts';
import { GatewayBudgets } from './gateway-budgets.ts';
import type { Gateway, Refusal } from './gateway.ts';
import { Peer } from './peer.ts';
import { sendShared } from './shared-frames.ts';
import { strictParser } from './strict-decoder.ts';
import { Visitors } from './visitors.ts';

/** How long a refused client gets to hang up by itself. */
const HANG_UP_MS = 1_000;
/** How long what was sent last may take to be read when the server stops; looked at this often. */
const LAST_FRAMES_MS = 1_000;
const LOOK_MS = 10;
const OUTBOX_CHECK_MS = 500;

export interface SocketsOptions extends Pick<
  Gateway,
  | 'documents'
  | 'events'
  | 'store'
  | 'authenticator'
  | 'services'
  | 'metrics'
  | 'log'
  | 'guard'
  | 'limitState'
  | 'traces'
> {
  readonly config: Config;
  readonly origins: OriginRules;
  /** Whether another node sent the connection here; none when left out. */
  readonly isForwarded?: (request: IncomingMessage) => boolean;
  /** Makes the ids of sessions of the transport; Engine.IO does when left out. */
  readonly newSessionId?: (() => string) | undefined;
}

export class Sockets implements SessionTransport {
  readonly #options: SocketsOptions;
  readonly #io: Server;
  readonly #sockets = new Map<number, Socket>();
  readonly #visitors: Visitors;
  readonly #addresses = new Map<number, string>();
  readonly #divergenceAlarm = new DivergenceAlarm();
  readonly #budgets: GatewayBudgets;
  readonly #fewLines: FewLines;
  readonly #gateway: Gateway;
  #nextSession = 1;
  readonly #outboxCheck: NodeJS.Timeout;
  readonly #proofCheck: NodeJS.Timeout;

  constructor(server: HttpServer, options: SocketsOptions) {
    this.#options = options;
    const { config, guard } = options;
    const addressOf = addressReader(config.trustedProxies);
    this.#fewLines = new FewLines(options.log);
    const end = (connection: Socket['conn']): void => void connection.close(true);
    this.#budgets = new GatewayBudgets(server, {
      limits: config.limits,
      metrics: options.metrics,
      limitState: options.limitState,
      end: (connection) => void guard.run('timer', () => end(connection)),
    });
    this.#gateway = {
      ...options,
      fewLines: this.#fewLines,
      budgets: this.#budgets,
      send: (session, message) => this.send(session, message),
      refuse: (session, refusal) => this.#refuse(session, refusal),
      move: (session, body) => {
        this.send(session, { type: 'moved', body });
        this.dismissed(session);
      },
      isConnected: (session) => this.#sockets.has(session),
    };
    this.#visitors = new Visitors(this.#gateway);
    this.#io = new Server(server, {
      serveClient: false,
      parser: strictParser,
      maxHttpBufferSize: config.limits.messageBytes,
      // Costs half a megabyte of memory per connection, measured; frames are small.
      perMessageDeflate: false,
      httpCompression: false,
      connectTimeout: JOIN_DEADLINE_MS,
      allowRequest: (request, decide) => {
        // Origin, Host and JSONP are looked at for every request, not only this one (front-door.ts).
        const isUpgrade = request.headers.upgrade !== undefined;
        const transport = isUpgrade ? 'websocket' : 'polling';
        const { connections } = this.#budgets;
        void guard.run('connection', async () => {
          let isAllowed = false;
          await guard.run('connection', async () => {
            isAllowed = await connections.allows(addressOf(request), transport);
          });
          decide(null, isAllowed);
        });
      },
    });
    const { newSessionId } = options;
    if (newSessionId !== undefined) this.#io.engine.generateId = newSessionId;
    this.#io.engine.on('connection', (connection: Socket['conn']) => {
      const opened = (): Promise<void> =>
        this.#budgets.opened(connection, addressOf(connection.request));
      void guard.run('connection', opened, () => end(connection));
    });
    this.#io.on('connection', (socket) => {
      void guard.run(
        'connection',
        () => this.#connected(socket, addressOf(socket.request)),
        () => socket.disconnect(true),
      );
    });
    const check = (run: () => void | Promise<void>) => (): void => void guard.run('timer', run);
    this.#proofCheck = setInterval(
      check(() => this.#visitors.endWithoutProof()),
      ACCESS_CHECK_MS,
    );
    this.#outboxCheck = setInterval(
      check(() => this.#budgets.outbox.cutSlowReaders()),
      OUTBOX_CHECK_MS,
    );
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  // --- What owners say --------------------------------------------------------------------------

  send(session: number, message: ServerMessage): void {
    const socket = this.#sockets.get(session);
    if (socket === undefined) return;
    // A frame that cannot be made ends this session, not the document that sends it.
    const send = (): void => {
      if (message.type === 'operations') sendShared(socket, message);
      else socket.emit(message.type, message.body);
    };
    void this.#options.guard.run('message', send, () => socket.disconnect(true));
  }

  broadcast(documentId: DocumentId, message: ServerMessage, except: ReadonlySet<number>): void {
    let room = this.#io.to(documentId);
    for (const session of except) {
      const socket = this.#sockets.get(session);
      if (socket !== undefined) room = room.except(socket.id);
    }
    // Carets are the only thing that may be dropped for a reader who is behind.
    if (message.type === 'carets') room.volatile.emit(message.type, message.body);
    else room.emit(message.type, message.body);
  }

  joined(session: number, documentId: DocumentId): void {
    void this.#sockets.get(session)?.join(documentId);
    const visitor = this.#visitors.of(session);
    if (visitor === undefined) return;
    const { store } = this.#options;
    if (store.room.current().isPaused) return;
    store.library.recordVisit(visitor.userId, documentId, Date.now()).catch((error: unknown) => {
      this.#fewLines.error({ document: documentId, err: error }, 'recording a visit failed');
    });
  }

  unjoined(session: number, documentId: DocumentId): void {
    void this.#sockets.get(session)?.leave(documentId);
  }

  diverged(
    session: number,
    documentId: DocumentId,
    { clientId, isProven }: DivergenceReport,
  ): void {
    const { metrics, log } = this.#options;
    const visitor = this.#visitors.of(session);
    if (visitor === undefined) return;
    if (!isProven) return metrics.divergenceClaimed();
    const address = this.#addresses.get(session) ?? '';
    if (!this.#divergenceAlarm.counts({ userId: visitor.userId, documentId, address })) return;
    metrics.diverged();
    log.error({ document: documentId, client: clientId }, 'a client diverged');
  }

  dismissed(session: number): void {
    const socket = this.#sockets.get(session);
    if (socket === undefined) return;
    // What it still says is not answered any more: each answer would wait in memory to be sent.
    socket.offAny();
    // The client hangs up when it has read why; closing here at once could swallow the reason.
    setTimeout(() => this.#hangUp(socket), HANG_UP_MS).unref();
  }

  /** Ends every connection, those too whose peer does not read: they get a moment for what was sent last. */
  async close(): Promise<void> {
    clearInterval(this.#outboxCheck);
    clearInterval(this.#proofCheck);
    this.#budgets.close();
    this.#io.disconnectSockets(true);
    const { engine } = this.#io;
    for (let waited = 0; engine.clientsCount > 0 && waited < LAST_FRAMES_MS; waited += LOOK_MS) {
      await sleep(LOOK_MS);
    }
    engine.close();
  }

  // --- What clients say -------------------------------------------------------------------------

  #connected(socket: Socket, address: string): void {
    const session = this.#nextSession++;
    this.#sockets.set(session, socket);
    this.#addresses.set(session, address);
    const { guard } = this.#options;
    const documentId = documentIdSchema.safeParse(socket.handshake.query['doc']);
    const connection = socket.conn;
    const isForwarded = this.#options.isForwarded?.(socket.request) ?? false;
    const peer = documentId.success
      ? new Peer(this.#gateway, this.#visitors, { session, documentId: documentId.data, address, connection, isForwarded }) // prettier-ignore
      : null;
    // All messages are handled by `onAny` below: nothing reaches listeners by a name that a peer chose.
    socket.use(() => {});
    const disconnected = (): void => {
      // A peer that leaves the namespace only would keep a connection that nothing counts.
      connection.close();
      this.#sockets.delete(session);
      this.#visitors.forget(session);
      this.#addresses.delete(session);
      peer?.disconnected();
    };
    socket.on('disconnect', () => void guard.run('connection', disconnected));
    if (peer === null || !documentId.success) {
      return this.#refuse(session, { code: 'notFound', detail: 'The address names no document.' });
    }
    // A browser sends cookies with requests of every page, so that one proves nothing by itself.
    const { headers } = socket.handshake;
    const cookie = this.#options.origins.vouchFor(headers) ? (headers.cookie ?? null) : null;
    const credentials = { ...handshakeOf(socket), cookie };
    peer.inTurn(() => this.#visitors.identify(session, documentId.data, credentials));
    socket.onAny((type: unknown, body: unknown) => peer.said(type, body));
  }

  #hangUp(socket: Socket): void {
    void this.#options.guard.run('timer', () => void socket.disconnect(true));
  }

  #refuse(session: number, { code, detail, retryable = false, retryAfterMs }: Refusal): void {
    this.#options.metrics.refused(code);
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    this.send(session, { type: 'refused', body: { code, retryable, ...wait, detail } });
    this.dismissed(session);
  }
}

/** Anything but texts counts as nothing said. */
function handshakeOf(socket: Socket): Pick<Credentials, 'token' | 'guestToken'> {
  const { token, [GUEST_TOKEN_FIELD]: guestToken } = socket.handshake.auth as Record<
    string,
    unknown
  >;
  const header = socket.handshake.headers[GUEST_TOKEN_FIELD.toLowerCase()];
  const named = guestToken ?? header;
  return {
    token: typeof token === 'string' ? token : null,
    guestToken: typeof named === 'string' ? named : null,
  };
}
