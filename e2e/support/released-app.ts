/**
 * A proxy in front of the server under test that simulates successive builds of the app: it changes page, scripts and
 * service worker as a new build does, and forwards everything else unchanged.
 */
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export class ReleasedApp {
  /** Port of the server under test. */
  readonly #port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #build = 1;
  /** Protocol version of this build's clients; null for the server's. */
  #protocol: number | null = null;
  #isWorkerBroken = false;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((asked, answer) => this.#answer(asked, answer));
    this.#server.on('upgrade', (asked: IncomingMessage, socket: Socket) =>
      this.#join(asked, socket),
    );
    this.#server.on('connection', (socket) => this.#remember(socket));
  }

  /**
   * @param port of the server under test
   * @param protocol version of the first build's clients; null for the server's
   */
  static async before(port: number, protocol: number | null = null): Promise<ReleasedApp> {
    const app = new ReleasedApp(port);
    app.#protocol = protocol;
    await new Promise<void>((resolve) => app.#server.listen(0, '127.0.0.1', resolve));
    return app;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Publishes another build, with the server's protocol version. @returns its number */
  release(): number {
    this.#protocol = null;
    this.#build += 1;
    return this.#build;
  }

  /** Gives the build a service worker that throws. */
  breakWorker(): void {
    this.#isWorkerBroken = true;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #answer(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, url = '/' } = asked;
    const headers = { ...asked.headers };
    if (this.#changes(url)) {
      // Files that are rewritten are requested unconditionally.
      delete headers['if-none-match'];
      delete headers['if-modified-since'];
    }
    const passed = request(
      { host: '127.0.0.1', port: this.#port, method, path: url, headers },
      (given) => void this.#give(url, given, answer).catch(() => answer.destroy()),
    );
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  }

  async #give(url: string, given: IncomingMessage, answer: ServerResponse): Promise<void> {
    const isPage = given.headers['content-type']?.includes('text/html') === true;
    if (given.statusCode !== 200 || !(isPage || this.#changes(url))) {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
      return;
    }
    const text = await readText(given);
    const { 'content-length': _length, etag: _etag, 'last-modified': _time, ...headers } = given.headers; // prettier-ignore
    const change = isPage ? this.#page : url.startsWith('/sw.js') ? this.#worker : this.#part;
    // Here the same file name has other contents in another build; real builds hash their names.
    headers['cache-control'] = 'no-store';
    answer.writeHead(200, headers).end(change.call(this, text));
  }

  /** Forwards a WebSocket in both directions. */
  #join(asked: IncomingMessage, socket: Socket): void {
    const upstream = connect(this.#port, '127.0.0.1', () => {
      const lines = [`${asked.method} ${asked.url} HTTP/1.1`];
      for (let at = 0; at < asked.rawHeaders.length; at += 2) {
        lines.push(`${asked.rawHeaders[at]}: ${asked.rawHeaders[at + 1]}`);
      }
      upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
      upstream.pipe(socket).pipe(upstream);
    });
    this.#remember(upstream);
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
    socket.on('close', () => upstream.destroy());
  }

  #changes(url: string): boolean {
    return /^\/(sw\.js|index\.html|assets\/[^/]+\.js)(\?|$)/.test(url);
  }

  #page(text: string): string {
    return text.replace('<head>', `<head><meta name="build" content="${this.#build}">`);
  }

  #worker(text: string): string {
    if (this.#isWorkerBroken) return 'throw new Error("This build is broken");';
    // Gives each build other revisions in the worker's precache list.
    return text.replace(/revision:(null|"[^"]*")/g, `revision:"build-${this.#build}"`);
  }

  #part(text: string): string {
    return this.#protocol === null ? text : text.replace(/protocol:\d+,/, `protocol:${this.#protocol},`); // prettier-ignore
  }

  #remember(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

const readText = async (stream: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const part of stream.setEncoding('utf8')) text += String(part);
  return text;
};
