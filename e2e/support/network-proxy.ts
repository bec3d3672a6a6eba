/** A proxy in front of the server that breaks WebSockets as bad networks do. */
import { createHash } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * `passes`: forwards everything. `swallows`: never answers upgrades. `answers`: answers upgrades with 101, then drops all
 * frames.
 */
export type WebSocketTreatment = 'passes' | 'swallows' | 'answers';

const KEY = /^sec-websocket-key: *(\S+)/im;
/** RFC 6455, section 1.3. */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export class NetworkProxy {
  treatment: WebSocketTreatment = 'passes';
  /** Number of upgrade requests so far. */
  upgrades = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #frozen = new WeakSet<Socket>();

  static async before(port: number): Promise<NetworkProxy> {
    const proxy = new NetworkProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  private constructor(port: number) {
    this.#server = createServer((client) => {
      this.#keep(client);
      client.once('data', (first) => this.#begin(client, first, port));
    });
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Present connections stay open but forward nothing; new ones work. */
  freeze(): void {
    for (const socket of this.#sockets) {
      this.#frozen.add(socket);
      socket.pause();
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #begin(client: Socket, first: Buffer, port: number): void {
    const head = first.toString('latin1');
    const key = KEY.exec(head)?.[1];
    if (key !== undefined) {
      this.upgrades++;
      if (this.treatment === 'swallows') return;
      if (this.treatment === 'answers') {
        const accept = createHash('sha1')
          .update(key + MAGIC)
          .digest('base64');
        client.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
            `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
        return;
      }
    }
    const server = connect(port, '127.0.0.1');
    this.#keep(server);
    server.write(first);
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (data) => {
        if (!this.#frozen.has(from)) to.write(data);
      });
      from.on('close', () => {
        if (!this.#frozen.has(from)) to.destroy();
      });
    };
    pass(client, server);
    pass(server, client);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
  }
}
