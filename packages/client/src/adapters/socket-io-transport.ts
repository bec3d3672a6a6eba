/**
 * One Socket.IO connection per open document, `?doc=<id>` in its URL. Socket.IO's own reconnection,
 * retries and acknowledgement callbacks stay off: the session decides when to reconnect and resend (docs/protocol.md).
 */
import {
  GUEST_TOKEN_FIELD,
  PAGE_HEADER,
  type ClientMessage,
  type DocumentId,
  type ServerMessage,
} from '@concord/protocol';
import { io, type Socket } from 'socket.io-client';
import type { CreateTransport, Credentials, Transport, TransportListener } from '../ports.ts';
import { TransportChoice } from './transport-choice.ts';

export interface SocketIoOptions {
  /** Origin of the server; the page's own when left out. */
  readonly url?: string;
  readonly documentId: DocumentId;
  /** Identifies a guest where no cookie does. */
  readonly guestToken?: string | undefined;
  readonly credentials?: Credentials | undefined;
  /** Shared by all connections of a page, so that each learns from the others. */
  readonly choice?: TransportChoice | undefined;
}

export function socketIoTransport(options: SocketIoOptions): CreateTransport {
  return (listener) => new SocketIoTransport(options, listener);
}

class SocketIoTransport implements Transport {
  readonly #options: SocketIoOptions;
  readonly #listener: TransportListener;
  #socket: Socket | null = null;
  #stopRenewing: (() => void) | undefined;
  readonly #choice: TransportChoice;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SocketIoOptions, listener: TransportListener) {
    this.#options = options;
    this.#listener = listener;
    this.#choice = options.choice ?? new TransportChoice();
  }

  connect(): void {
    this.disconnect();
    const { url, documentId, guestToken, credentials } = this.#options;
    const options = {
      query: { doc: documentId },
      // Never in the address, where logs would keep it (docs/security.md#handshake).
      auth: (ready: (data: object) => void): void => {
        const guest = guestToken === undefined ? {} : { [GUEST_TOKEN_FIELD]: guestToken };
        if (credentials === undefined) return ready(guest);
        // The silence timeout does not run while the token is fetched: the connection is not at fault.
        clearTimeout(this.#silence);
        credentials.token().then(
          (token) => {
            ready(token === null ? guest : { token });
            expectAnswer();
          },
          // No connection without the token: the server would take the client for a guest, who is another person.
          () => lost(),
        );
      },
      transports: this.#choice.order,
      tryAllTransports: true,
      // Polling reads carry no Origin; WebSocket in browsers sends its own, and cannot send this.
      extraHeaders: { [PAGE_HEADER]: '1' },
      reconnection: false,
      forceNew: true,
      // This class has its own deadline, which distinguishes a silent WebSocket from an unreachable server.
      timeout: 60_000,
    };
    const socket = url === undefined ? io(options) : io(url, options);
    this.#socket = socket;
    const lost = (): void => {
      if (this.#socket !== socket) return;
      this.disconnect();
      this.#listener.disconnected();
    };
    const expectAnswer = (): void => {
      clearTimeout(this.#silence);
      this.#silence = setTimeout(() => {
        if (this.#socket !== socket) return;
        if (this.#choice.wasSilent()) this.connect();
        else lost();
      }, this.#choice.silenceMs);
    };
    expectAnswer();
    this.#stopRenewing = credentials?.subscribe((token) => {
      if (token !== null) this.send({ type: 'renew', body: { token } });
    });
    socket.on('connect', () => {
      if (this.#socket !== socket) return;
      clearTimeout(this.#silence);
      this.#choice.worked();
      this.#listener.connected();
    });
    socket.on('connect_error', lost);
    socket.on('disconnect', lost);
    socket.onAny((type: ServerMessage['type'], body: unknown) => {
      // The server is trusted for the shape of what it sends; an unknown type falls through every switch.
      if (this.#socket !== socket) return;
      const message = { type, body } as ServerMessage;
      if (message.type === 'refused' && message.body.code === 'tokenExpired') {
        credentials?.expired?.();
      }
      this.#listener.message(message);
    });
  }

  disconnect(): void {
    const socket = this.#socket;
    this.#stopRenewing?.();
    clearTimeout(this.#silence);
    this.#socket = null;
    socket?.disconnect();
    socket?.removeAllListeners();
  }

  send(message: ClientMessage): void {
    // Socket.IO buffers messages emitted while disconnected and would send them in a later connection.
    if (this.#socket?.connected === true) this.#socket.emit(message.type, message.body);
  }
}
