/**
 * Socket.IO at the edge: handshake, parsing, and the frames of each document's room. Whatever is wrong
 * with a message is answered to its sender alone (A12). Acknowledgement callbacks, retries and connection
 * state recovery stay off: the protocol does not build on them.
 */
import type { Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ACCESS_CHECK_MS,
  clientMessages,
  CONNECTIONS_PER_USER,
  documentIdSchema,
  GUEST_TOKEN_FIELD,
  JOIN_DEADLINE_MS,
  type DocumentId,
  type RefusalCode,
  type ServerMessage,
} from '@concord/protocol';
import { Server, type Socket } from 'socket.io';
import { networkOf } from '../platform/attempts.ts';
import { displayName } from '../accounts/guest.ts';
import type { OriginRules } from '../http/origin.ts';
import {
  askerOf,
  AuthenticationError,
  type Authenticator,
  type Credentials,
  type Principal,
} from '../access/principal.ts';
import type { Config } from '../platform/config.ts';
import { DAMAGED_DETAIL } from '../documents/damaged-documents.ts';
import type { DocumentRegistry } from '../documents/document-registry.ts';
import type { AccountServices } from '../accounts/account-services.ts';
import type { DocumentInput, StorageRefusal } from '../documents/core/document-messages.ts';
import { writerOf } from '../documents/quotas/quotas.ts';
import { costOfOperation } from '../documents/quotas/storage-cost.ts';
import type { DivergenceReport, Sessions } from '../documents/runner-ports.ts';
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import { CorruptionError, type Store } from '../store/ports/store.ts';
import { addressReader } from '../http/address-of.ts';
import { Counts } from '../http/counts.ts';
import { DivergenceAlarm } from './divergence-alarm.ts';
import { FewLines } from '../platform/few-lines.ts';
import type { Guard } from '../platform/guard.ts';
import { GatewayBudgets } from './gateway-budgets.ts';
import type { LiveSessions } from '../accounts/live-sessions.ts';
import { sendShared } from './shared-frames.ts';
import { strictParser } from './strict-decoder.ts';
import { expiryOf, proofOf, type Visitor } from '../http/visitor.ts';

const JOIN_FAILED = 'The document cannot be read now.';
/** How long a refused client gets to hang up by itself. */
const HANG_UP_MS = 1_000;
/** How long what was sent last may take to be read when the server stops; looked at this often. */
const LAST_FRAMES_MS = 1_000;
const LOOK_MS = 10;
const OUTBOX_CHECK_MS = 500;

interface Schema<T> {
  safeParse(
    body: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false };
}

export interface SocketsOptions {
  readonly config: Config;
  readonly documents: DocumentRegistry;
  readonly store: Store;
  readonly authenticator: Authenticator;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly guard: Guard;
  readonly origins: OriginRules;
  readonly services: Pick<AccountServices, 'quotas'>;
}

export class Sockets implements Sessions, LiveSessions {
  readonly #options: SocketsOptions;
  readonly #io: Server;
  readonly #sockets = new Map<number, Socket>();
  /** Those who proved who they are, by session. */
  readonly #visitors = new Map<number, Visitor>();
  readonly #addresses = new Map<number, string>();
  readonly #divergenceAlarm = new DivergenceAlarm();
  readonly #budgets: GatewayBudgets;
  readonly #fewLines: FewLines;
  readonly #ofUser = new Counts();
  #nextSession = 1;
  readonly #outboxCheck: NodeJS.Timeout;
  readonly #proofCheck: NodeJS.Timeout;

  constructor(server: HttpServer, options: SocketsOptions) {
    this.#options = options;
    const { config, guard } = options;
    const addressOf = addressReader(config.trustedProxies);
    this.#fewLines = new FewLines(options.log);
    this.#budgets = new GatewayBudgets(server, {
      limits: config.limits,
      metrics: options.metrics,
      expired: (connection) => void guard.run('timer', () => void connection.close(true)),
    });
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
        decide(null, this.#budgets.connections.allows(addressOf(request), transport));
      },
    });
    this.#io.engine.on('connection', (connection: Socket['conn']) =>
      this.#budgets.opened(connection, addressOf(connection.request)),
    );
    this.#io.on('connection', (socket) => {
      void guard.run(
        'connection',
        () => this.#connected(socket, addressOf(socket.request)),
        () => socket.disconnect(true),
      );
    });
    const check = (run: () => void | Promise<void>) => (): void => void guard.run('timer', run);
    this.#proofCheck = setInterval(
      check(() => this.#endWithoutProof()),
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
    // Carets are the only thing that may be dropped for a reader who is behind (rule 8).
    if (message.type === 'carets') room.volatile.emit(message.type, message.body);
    else room.emit(message.type, message.body);
  }

  joined(session: number, documentId: DocumentId): void {
    void this.#sockets.get(session)?.join(documentId);
    const visitor = this.#visitors.get(session);
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
    const visitor = this.#visitors.get(session);
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

  // --- What accounts say ------------------------------------------------------------------------

  ended(id: string): void {
    for (const [session, { principal }] of this.#visitors) {
      if (proofOf(principal) === id) this.#signOut(session);
    }
  }

  endedAllOf(userId: string, exceptId: string | null): void {
    for (const [session, visitor] of this.#visitors) {
      if (visitor.userId !== userId) continue;
      if (exceptId === null || proofOf(visitor.principal) !== exceptId) this.#signOut(session);
    }
  }

  /** A notification may be lost: the store is asked which sessions and tokens are alive (security.md 4). */
  async #endWithoutProof(): Promise<void> {
    const { authSessions, apiTokens } = this.#options.store;
    const sessions = new Set<string>();
    const tokens = new Set<string>();
    for (const { principal } of this.#visitors.values()) {
      if (principal.kind === 'account') sessions.add(principal.authSessionId);
      if (principal.kind === 'apiToken') tokens.add(principal.tokenId);
    }
    try {
      const [aliveSessions, aliveTokens] = await Promise.all([
        sessions.size === 0 ? sessions : authSessions.alive([...sessions]),
        tokens.size === 0 ? tokens : apiTokens.alive([...tokens], Date.now()),
      ]);
      for (const id of sessions) if (!aliveSessions.has(id)) this.ended(id);
      for (const id of tokens) if (!aliveTokens.has(id)) this.ended(id);
    } catch (error) {
      this.#options.log.error({ err: error }, 'looking for ended sessions failed');
    }
  }

  #signOut(session: number): void {
    const visitor = this.#visitors.get(session);
    if (visitor === undefined) return;
    this.#left(session, visitor.documentId);
    if (visitor.principal.kind === 'guest') {
      // The guest has an account now: the same person connects again, by another proof.
      const detail = 'This guest has an account now; the connection is made again by itself.';
      return this.#refuse(session, 'tokenExpired', detail, true);
    }
    const detail = 'This session was ended. Sign in again; your text stays on this device.';
    this.#refuse(session, 'signedOut', detail);
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
    const documentId = documentIdSchema.safeParse(socket.handshake.query['doc']);
    const { guard } = this.#options;
    /** Ends this session alone, after a fault of the server while it handled what the peer said. */
    const fail = (): void => {
      const detail = 'The server could not handle this. Your text is kept; it is tried again.';
      this.#refuse(session, 'storeUnavailable', detail, true);
    };
    /** What needs the store is handled in the order of arrival. */
    let messages = Promise.resolve();
    const inTurn = (handle: () => Promise<void>): void => {
      messages = messages.then(() => guard.run('message', handle, fail));
    };
    // Everything said is handled by `onAny` below: nothing reaches listeners by a name that a peer chose.
    socket.use(() => {});
    const disconnected = (): void => {
      // A peer that leaves the namespace only would keep a connection that nothing counts.
      socket.conn.close();
      this.#sockets.delete(session);
      this.#forget(session);
      this.#addresses.delete(session);
      if (documentId.success) {
        const left = (): void =>
          this.#options.documents.running(documentId.data)?.dispatch({ type: 'left', session });
        left();
        // A join that is still being prepared finds out as well.
        inTurn(async () => left());
      }
    };
    socket.on('disconnect', () => void guard.run('connection', disconnected));
    if (!documentId.success) {
      return this.#refuse(session, 'notFound', 'The address names no document.');
    }
    const id = documentId.data;
    const { token, guestToken } = handshakeOf(socket);
    // A browser sends cookies with requests of every page, so that one proves nothing by itself.
    const { headers } = socket.handshake;
    const cookie = this.#options.origins.vouchFor(headers) ? (headers.cookie ?? null) : null;
    inTurn(() => this.#identify(session, id, { token, guestToken, cookie }));
    const dispatch = (input: DocumentInput): void =>
      this.#options.documents.running(id)?.dispatch(input);
    const said = (type: unknown, body: unknown): void => {
      /** Hands on what is well-formed; anything else ends the session. */
      const hand = <T>(schema: Schema<T>, handle: (message: T) => void): void => {
        const parsed = schema.safeParse(body);
        if (parsed.success) handle(parsed.data);
        else this.#malformed(session, id, type);
      };
      const { submit, withdraw, presence, probe } = clientMessages;
      switch (type) {
        case 'submit':
          return hand(submit, (message) => {
            const retryAfterMs = this.#budgets.submit(address);
            if (retryAfterMs > 0) return this.#putOff(session, message.seq, retryAfterMs);
            const refusal = this.#storageRefusal(session, id, address, message.op);
            dispatch({ type, session, message, refusal });
          });
        case 'withdraw':
          return hand(withdraw, (message) => dispatch({ type, session, message }));
        case 'presence':
          return hand(presence, (message) => dispatch({ type, session, message }));
        case 'probe':
          return hand(probe, () => dispatch({ type, session }));
        case 'join':
          this.#budgets.connections.joined(socket.conn);
          return inTurn(async () => this.#queueJoin(session, id, address, body));
        case 'renew':
          return inTurn(() => this.#renew(session, id, body));
        case 'leave':
          return dispatch({ type: 'left', session });
        default:
          return this.#malformed(session, id, type);
      }
    };
    socket.onAny((type: unknown, body: unknown) => {
      void guard.run('message', () => said(type, body), fail);
    });
  }

  /** Who connected, by what the handshake proves; whoever proves nothing is refused before any document is read. */
  async #identify(session: number, id: DocumentId, credentials: Credentials): Promise<void> {
    const principal = await this.#proved(session, credentials);
    if (principal === null || !this.#sockets.has(session)) return;
    if (principal.kind === 'nobody') {
      const detail = 'Open the page first, or send a guest token of at least 20 characters.';
      return this.#refuse(session, 'forbidden', detail);
    }
    if (askerOf(principal).atMost === 'none') {
      const detail =
        'This API token opens no documents: it needs the scope “documents:read” or more.';
      return this.#refuse(session, 'forbidden', detail);
    }
    const { userId } = principal;
    const own = this.#ofUser.of(userId);
    if (own >= CONNECTIONS_PER_USER) {
      const detail = `You have ${own} documents open. Close some; it is tried again by itself.`;
      return this.#refuse(session, 'tooManySessions', detail, true);
    }
    this.#visitors.set(session, { userId, documentId: id, principal });
    this.#ofUser.add(userId);
  }

  /** Null when the proof is not good; the session was told. */
  async #proved(session: number, credentials: Credentials): Promise<Principal | null> {
    try {
      return await this.#options.authenticator.principalOf(credentials);
    } catch (error) {
      if (error instanceof AuthenticationError) {
        const isExpired = error.code === 'expired';
        this.#refuse(session, isExpired ? 'tokenExpired' : 'signedOut', error.message, isExpired);
      } else {
        this.#fewLines.error({ err: error }, 'authentication failed');
        const detail = 'Who you are cannot be looked up now. It is tried again by itself.';
        this.#refuse(session, 'storeUnavailable', detail, true);
      }
      return null;
    }
  }

  /** Joins take turns; one that would wait for too long is to come again later. */
  #queueJoin(session: number, id: DocumentId, address: string, body: unknown): void {
    const { guard, metrics, documents } = this.#options;
    const visitor = this.#visitors.get(session);
    if (visitor === undefined) return;
    const run = async (): Promise<void> => {
      await guard.run(
        'message',
        () => this.#join(session, id, body),
        () => this.#refuse(session, 'storeUnavailable', JOIN_FAILED, true),
      );
      // The connection may have gone while its join was prepared.
      if (!this.#visitors.has(session)) documents.running(id)?.dispatch({ type: 'left', session });
    };
    const join = { session, address: networkOf(address), run };
    const retryAfterMs = this.#budgets.joins.add(join, `${visitor.userId} ${id}`);
    if (retryAfterMs === 0) return;
    metrics.workRefused('joins');
    this.#left(session, id);
    const detail = 'This document was opened too often at once. It is tried again by itself.';
    this.#refuse(session, 'rateLimited', detail, true, retryAfterMs);
  }

  async #join(session: number, id: DocumentId, body: unknown): Promise<void> {
    const { documents, services, store } = this.#options;
    const visitor = this.#visitors.get(session);
    if (visitor === undefined) return;
    const parsed = clientMessages.join.safeParse(body);
    if (!parsed.success || parsed.data.docId !== id) return this.#malformed(session, id, 'join');
    const { userId, principal } = visitor;
    try {
      const [document, name] = await Promise.all([
        documents.open(id),
        displayName(store, userId),
        // Known before the first submission is judged.
        services.quotas.know(userId),
      ]);
      if (document === null) {
        const detail = 'There is no such document, or it is not shared with you.';
        return this.#refuse(session, 'notFound', detail);
      }
      if (!this.#visitors.has(session)) return;
      const message = parsed.data;
      // The document may have left memory while the name was looked up.
      const running = documents.running(id) ?? (await documents.open(id));
      running?.dispatch({
        type: 'join',
        session,
        userId,
        name,
        atMost: askerOf(principal).atMost,
        authorizedUntil: expiryOf(principal),
        message,
      });
    } catch (error) {
      if (error instanceof CorruptionError) {
        return this.#refuse(session, 'storeUnavailable', DAMAGED_DETAIL);
      }
      this.#fewLines.error({ document: id, err: error }, 'join failed');
      this.#refuse(session, 'storeUnavailable', JOIN_FAILED, true);
    }
  }

  /** Everybody behind one address together wrote too much: the operation is sent again in a moment. */
  #putOff(session: number, seq: number, retryAfterMs: number): void {
    const { metrics } = this.#options;
    metrics.workRefused('operations');
    metrics.rejected('rateLimited');
    const detail = 'Too many changes at once from your network; they are sent again in a moment.';
    const body = { seq, code: 'rateLimited', retryable: true, retryAfterMs, detail } as const;
    this.send(session, { type: 'rejected', body });
  }

  /** A new access token of the same account; anything else ends the connection. */
  async #renew(session: number, id: DocumentId, body: unknown): Promise<void> {
    const visitor = this.#visitors.get(session);
    if (visitor === undefined) return;
    const parsed = clientMessages.renew.safeParse(body);
    if (!parsed.success) return this.#malformed(session, id, 'renew');
    const credentials = { token: parsed.data.token, guestToken: null, cookie: null };
    const principal = await this.#proved(session, credentials);
    if (principal === null) return this.#left(session, id);
    // Never an API token: the connection has the rights, and the end, of the proof that it came by.
    if (
      principal.kind !== 'account' ||
      visitor.principal.kind !== 'account' ||
      principal.userId !== visitor.userId
    ) {
      this.#left(session, id);
      return this.#refuse(session, 'signedOut', 'This is no access token of this account.');
    }
    if (!this.#visitors.has(session)) return;
    this.#visitors.set(session, { ...visitor, principal });
    const authorizedUntil = expiryOf(principal);
    this.#options.documents.running(id)?.dispatch({ type: 'renewed', session, authorizedUntil });
  }

  /** Charges the operation to who sent it; why it cannot be stored now, or null. */
  #storageRefusal(
    session: number,
    id: DocumentId,
    address: string,
    op: unknown,
  ): StorageRefusal | null {
    const principal = this.#visitors.get(session)?.principal;
    // Who is not known is no session of the document either: nothing is stored of it.
    if (principal === undefined || principal.kind === 'nobody') return null;
    const { quotas } = this.#options.services;
    return quotas.admit(writerOf(principal, address), id, costOfOperation(op));
  }

  #forget(session: number): void {
    const visitor = this.#visitors.get(session);
    if (visitor === undefined) return;
    this.#visitors.delete(session);
    this.#ofUser.remove(visitor.userId);
  }

  #left(session: number, id: DocumentId): void {
    this.#forget(session);
    this.#options.documents.running(id)?.dispatch({ type: 'left', session });
  }

  /** @param type as it came from the wire, where names may be anything */
  #malformed(session: number, id: DocumentId, type: unknown): void {
    this.#options.documents.running(id)?.dispatch({ type: 'left', session });
    const name = typeof type === 'string' ? JSON.stringify(type.slice(0, 40)) : 'without a name';
    this.#refuse(session, 'malformedMessage', `The message ${name} is not of this protocol.`);
  }

  #hangUp(socket: Socket): void {
    void this.#options.guard.run('timer', () => void socket.disconnect(true));
  }

  #refuse(
    session: number,
    code: RefusalCode,
    detail: string,
    retryable = false,
    retryAfterMs?: number,
  ): void {
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
