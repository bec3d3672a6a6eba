/**
 * Tracks all TCP connections of the server, because Node closes neither those taken over by Socket.IO nor those with a
 * partial request. When the server stops, connections without an answer in progress are closed at once.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long an answer may take to be made and read when the server stops. */
const LAST_ANSWERS_MS = 2_000;
const LOOK_MS = 10;

export class Connections {
  /** Complete requests of each connection that are not answered yet. */
  readonly #open = new Map<Socket, Set<IncomingMessage>>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#open.set(socket, new Set());
      socket.once('close', () => this.#open.delete(socket));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const requests = this.#open.get(request.socket);
      requests?.add(request);
      response.once('close', () => requests?.delete(request));
    });
  }

  get count(): number {
    return this.#open.size;
  }

  /** Called after the server stopped listening. Resolves when no connection is left. */
  async end(): Promise<void> {
    for (let waited = 0; this.#open.size > 0; waited += LOOK_MS) {
      for (const [socket, requests] of this.#open) {
        const isAwaited = [...requests].some(({ complete }) => complete);
        if (!isAwaited || waited >= LAST_ANSWERS_MS) socket.destroy();
      }
      await sleep(LOOK_MS);
    }
  }
}
