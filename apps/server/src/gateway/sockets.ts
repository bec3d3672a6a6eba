/**
 * Socket.IO at the edge: handshake, parsing, and the frames of each document's room. Whatever is wrong
 * with a message is answered to its sender alone (A12). Acknowledgement callbacks, retries and connection
 * state recovery stay off: the protocol does not build on them.
 */
import type { Server as HttpServer } from 'node:http';
import {
  clientMessages,
  documentIdSchema,
  GUEST_TOKEN_FIELD,
  type DocumentId,
  type RefusalCode,
  type ServerMessage,
} from '@concord/protocol';
import { Server, type Socket } from 'socket.io';
import { displayName, identityOf } from '../access/guest.ts';
import { isAllowedOrigin } from '../access/origin.ts';
import type { Config } from '../config.ts';
import type { Documents } from '../document/documents.ts';
import type { Sessions } from '../document/running-document.ts';
import type { Log } from '../log.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';

/** A connection must join within this. */
const JOIN_DEADLINE_MS = 15_000;
/** How long a refused client gets to hang up by itself. */
const HANG_UP_MS = 1_000;
/** Frames waiting for a reader that does not read (rule 8): beyond this it is cut, and rejoins. */
const OUTBOX_FRAMES_MAX = 2_000;
const OUTBOX_BYTES_MAX = 4 * 1024 * 1024;
const OUTBOX_CHECK_MS = 500;

export interface SocketsOptions {
  readonly config: Config;
  readonly documents: Documents;
  readonly store: Store;
  readonly metrics: ServerMetrics;
  readonly log: Log;
}

export class Sockets implements Sessions {
  readonly #options: SocketsOptions;
  readonly #io: Server;
  readonly #sockets = new Map<number, Socket>();
  #nextSession = 1;
  readonly #outboxCheck: NodeJS.Timeout;

  constructor(server: HttpServer, options: SocketsOptions) {
    this.#options = options;
    const { config } = options;
    this.#io = new Server(server, {
      serveClient: false,
      maxHttpBufferSize: config.limits.messageBytes,
      // Costs half a megabyte of memory per connection, measured; frames are small.
      perMessageDeflate: false,
      httpCompression: false,
      connectTimeout: JOIN_DEADLINE_MS,
      allowRequest: (request, decide) => {
        decide(null, isAllowedOrigin(request.headers, config.origins));
      },
    });
    this.#io.on('connection', (socket) => this.#connected(socket));
    this.#outboxCheck = setInterval(() => this.#cutSlowReaders(), OUTBOX_CHECK_MS);
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  // --- What owners say --------------------------------------------------------------------------

  send(session: number, message: ServerMessage): void {
    this.#sockets.get(session)?.emit(message.type, message.body);
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
  }

  dismissed(session: number): void {
    const socket = this.#sockets.get(session);
    if (socket === undefined) return;
    // The client hangs up when it has read why; closing here at once could swallow the reason.
    for (const room of socket.rooms) if (room !== socket.id) void socket.leave(room);
    setTimeout(() => socket.disconnect(true), HANG_UP_MS).unref();
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    clearInterval(this.#outboxCheck);
    this.#io.disconnectSockets(true);
    await this.#io.close();
  }

  // --- What clients say -------------------------------------------------------------------------

  #connected(socket: Socket): void {
    const session = this.#nextSession++;
    this.#sockets.set(session, socket);
    const identity = identityOf(
      socket.handshake.headers,
      (socket.handshake.auth as Record<string, unknown>)[GUEST_TOKEN_FIELD],
    );
    const documentId = documentIdSchema.safeParse(socket.handshake.query['doc']);
    const deadline = setTimeout(() => socket.disconnect(true), JOIN_DEADLINE_MS);
    let messages = Promise.resolve();

    socket.on('disconnect', () => {
      clearTimeout(deadline);
      this.#sockets.delete(session);
      if (documentId.success) {
        const left = (): void =>
          this.#options.documents.running(documentId.data)?.dispatch({ type: 'left', session });
        left();
        // A join that is still being prepared finds out as well.
        void messages.then(left);
      }
    });

    if (!documentId.success) {
      return this.#refuse(session, 'notFound', 'There is no such document.');
    }
    if (identity === null) {
      const detail = 'Open the page first, or send a guest token of at least 20 characters.';
      return this.#refuse(session, 'forbidden', detail);
    }
    const id = documentId.data;
    socket.onAny((type: string, body: unknown) => {
      if (type === 'submit') {
        const parsed = clientMessages.submit.safeParse(body);
        if (!parsed.success) return this.#malformed(session, id, type);
        const { documents } = this.#options;
        return documents.running(id)?.dispatch({ type, session, message: parsed.data });
      }
      if (type === 'presence') {
        const parsed = clientMessages.presence.safeParse(body);
        if (!parsed.success) return this.#malformed(session, id, type);
        const { documents } = this.#options;
        return documents.running(id)?.dispatch({ type, session, message: parsed.data });
      }
      if (type === 'join') {
        clearTimeout(deadline);
        messages = messages.then(() => this.#join(session, id, identity.userId, body));
        return;
      }
      if (type === 'leave') {
        return this.#options.documents.running(id)?.dispatch({ type: 'left', session });
      }
      return this.#malformed(session, id, type);
    });
  }

  async #join(session: number, id: DocumentId, userId: string, body: unknown): Promise<void> {
    const { documents, store, metrics, log } = this.#options;
    const parsed = clientMessages.join.safeParse(body);
    if (!parsed.success || parsed.data.docId !== id) return this.#malformed(session, id, 'join');
    try {
      const [document, name] = await Promise.all([documents.open(id), displayName(store, userId)]);
      if (document === null) return this.#refuse(session, 'notFound', 'There is no such document.');
      if (!this.#sockets.has(session)) return;
      const message = parsed.data;
      if (message.diverged === true) {
        metrics.diverged();
        log.error({ document: id, client: message.clientId }, 'a client diverged');
      }
      // The document may have left memory while the name was looked up.
      const running = documents.running(id) ?? (await documents.open(id));
      running?.dispatch({ type: 'join', session, userId, name, role: 'editor', message });
      await store.documents.recordVisit(userId, id, Date.now());
    } catch (error) {
      log.error({ document: id, err: error }, 'join failed');
      this.#refuse(session, 'storeUnavailable', 'The document cannot be read now.', true);
    }
  }

  #malformed(session: number, id: DocumentId, type: string): void {
    this.#options.documents.running(id)?.dispatch({ type: 'left', session });
    this.#refuse(
      session,
      'malformedMessage',
      `The message ${JSON.stringify(type.slice(0, 40))} is not of this protocol.`,
    );
  }

  #refuse(session: number, code: RefusalCode, detail: string, retryable = false): void {
    this.#options.metrics.refused(code);
    this.send(session, { type: 'refused', body: { code, retryable, detail } });
    this.dismissed(session);
  }

  #cutSlowReaders(): void {
    for (const socket of this.#sockets.values()) {
      const waiting = outboxOf(socket);
      if (waiting.length < 16) continue;
      let bytes = 0;
      for (const { data } of waiting) bytes += data?.length ?? 0;
      if (waiting.length <= OUTBOX_FRAMES_MAX && bytes <= OUTBOX_BYTES_MAX) continue;
      this.#options.metrics.refused('slowReader');
      socket.conn.close(true);
    }
  }
}

/** Frames not handed to the network yet: a stalled reader shows here, not in the WebSocket's own buffer. */
function outboxOf(socket: Socket): readonly { readonly data?: string | Buffer }[] {
  return (socket.conn as unknown as { writeBuffer: { data?: string | Buffer }[] }).writeBuffer;
}
