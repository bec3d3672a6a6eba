/**
 * The network of one replica: a relay to the server that can be cut and that counts bytes. So being offline is the same
 * for every system: its connections break, and new ones are refused.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Bytes of the TCP streams, HTTP and WebSocket framing included. */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
}

export class NetworkLink {
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #sent = 0;
  #received = 0;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((socket) => this.#relay(socket));
  }

  /** @param url of the server, such as `http://127.0.0.1:8080` */
  static async open(url: string): Promise<NetworkLink> {
    const link = new NetworkLink(new URL(url));
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  /** The server's address for the replica. */
  get url(): string {
    return `${this.#target.protocol}//127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Bytes that the replica has sent and received since the last call of `count`. */
  get traffic(): Traffic {
    return { sent: this.#sent, received: this.#received };
  }

  count(): void {
    this.#sent = 0;
    this.#received = 0;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #relay(replica: Socket): void {
    if (this.#isCut) {
      replica.destroy();
      return;
    }
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const [socket, other] of [
      [replica, server],
      [server, replica],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.pipe(other);
      // Errors are passed on by closing the other end.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    replica.on('data', (data: Buffer) => (this.#sent += data.length));
    server.on('data', (data: Buffer) => (this.#received += data.length));
  }
}
