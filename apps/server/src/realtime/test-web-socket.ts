/** For tests: a peer that speaks Engine.IO over a WebSocket by hand, in text frames of up to 64 KiB. */
import { request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const TEXT_FRAME = 0x81;
const MASKED = 0x80;
/** Payloads of this length and more have two bytes for it. */
const LONG = 126;

export class WebSocketPeer {
  readonly #socket: Duplex;
  readonly #said: string[] = [];
  #unread = Buffer.alloc(0);
  #isClosed = false;
  #heard: () => void = () => {};

  private constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    this.#read(head);
    socket.on('data', (piece: Buffer) => this.#read(piece));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#isClosed = true;
      this.#heard();
    });
    socket.on('end', () => socket.end());
  }

  /** Rejects with the status when the upgrade is refused. */
  static open(
    port: number,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<WebSocketPeer> {
    return new Promise((resolve, reject) => {
      const asked = { host: '127.0.0.1', port, path, headers: { ...headers, ...upgrade } };
      const request = httpRequest({ ...asked, agent: false });
      request.on('upgrade', (_response, socket, head) => resolve(new WebSocketPeer(socket, head)));
      request.on('response', (response) => {
        response.resume();
        reject(new Error(`refused: ${response.statusCode}`));
      });
      request.on('error', reject);
      request.end();
    });
  }

  /** A packet such as `40` or `42["join",{}]`. */
  send(packet: string): void {
    const payload = Buffer.from(packet);
    const isLong = payload.length >= LONG;
    const head = Buffer.alloc((isLong ? 4 : 2) + 4);
    head[0] = TEXT_FRAME;
    head[1] = MASKED | (isLong ? LONG : payload.length);
    if (isLong) head.writeUInt16BE(payload.length, 2);
    // The mask is four zero bytes, which change nothing.
    this.#socket.write(Buffer.concat([head, payload]));
  }

  /** The first packet that matches; throws when the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.#said.find((packet) => pattern.test(packet));
      if (found !== undefined) return found;
      if (this.#isClosed) throw new Error(`the connection ended: ${this.#said.join(' ')}`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  /** Resolves when the connection is closed. */
  async closed(): Promise<void> {
    while (!this.#isClosed) await new Promise<void>((resolve) => (this.#heard = resolve));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(piece: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, piece]);
    for (;;) {
      const short = this.#unread[1];
      if (short === undefined || (short === LONG && this.#unread.length < 4)) break;
      const start = short === LONG ? 4 : 2;
      const end = start + (short === LONG ? this.#unread.readUInt16BE(2) : short);
      if (this.#unread.length < end) break;
      this.#said.push(this.#unread.subarray(start, end).toString());
      this.#unread = this.#unread.subarray(end);
    }
    this.#heard();
  }
}
