/** For tests: the whole gateway over a store in memory, on loopback, and peers who speak its transport by hand. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { readConfig } from '../platform/config.ts';
import type { RoutedNode } from '../http/forwarding/start-routing.ts';
import { serve, type RunningServer } from '../serve.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export class GatewayScene {
  readonly port: number;
  readonly store: Store;
  /** Lines of the log, parsed. */
  readonly logged: Record<string, unknown>[];
  readonly #server: RunningServer;
  readonly #dataDirectory: string;

  private constructor(
    server: RunningServer,
    store: Store,
    logged: Record<string, unknown>[],
    dataDirectory: string,
  ) {
    this.#server = server;
    this.#dataDirectory = dataDirectory;
    this.store = store;
    this.logged = logged;
    this.port = Number(new URL(server.url).port);
  }

  static async open(
    environment: NodeJS.ProcessEnv = {},
    store: Store = openMemoryStore(),
    routedNode: RoutedNode | null = null,
  ): Promise<GatewayScene> {
    const logged: Record<string, unknown>[] = [];
    const lines = new Writable({
      write(line: Buffer, _encoding, done) {
        logged.push(JSON.parse(line.toString()) as Record<string, unknown>);
        done();
      },
    });
    // The store is in memory; the secret of the administration commands is a file.
    const dataDirectory = mkdtempSync(join(tmpdir(), 'concord-gateway-'));
    const config = readConfig({
      PORT: '0',
      CONCORD_DATA: dataDirectory,
      CONCORD_REQUESTS_PER_MINUTE: '1000000',
      ...environment,
    });
    const log = pino({ level: 'warn' }, lines);
    const fatal = (error: Error): never => {
      throw error;
    };
    const server = await serve(config, store, log, fatal, routedNode);
    return new GatewayScene(server, store, logged, dataDirectory);
  }

  async close(): Promise<void> {
    await this.#server.stop();
    rmSync(this.#dataDirectory, { recursive: true, force: true });
  }

  /** A request whose headers are exactly these: `fetch` would write Host and others by itself. */
  ask(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    { method = 'GET', body }: { readonly method?: string; readonly body?: string } = {},
  ): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port: this.port, path, method, headers, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (piece) => (text += String(piece)));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      // An upgrade that is granted has no body to wait for.
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: '' });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** The value of a metric, with its labels as they are written; 0 when there is none yet. */
  async metric(name: string): Promise<number> {
    const { text } = await this.ask('/metrics');
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? 0);
  }

  /** A connection of the transport by polling, past its handshake. */
  async peer(
    documentId: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<PollingPeer> {
    const path = `/socket.io/?EIO=4&transport=polling&doc=${documentId}`;
    const { status, text } = await this.ask(path, headers);
    const sid = /"sid":"([^"]+)"/.exec(text)?.[1];
    if (sid === undefined) throw new Error(`no handshake: ${status} ${text}`);
    return new PollingPeer(this, `${path}&sid=${sid}`, headers);
  }
}

/** Separates packets in a body of the polling transport. */
const SEPARATOR = '\x1e';

export class PollingPeer {
  readonly #scene: GatewayScene;
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #said: string[] = [];

  constructor(scene: GatewayScene, path: string, headers: Readonly<Record<string, string>>) {
    this.#scene = scene;
    this.#path = path;
    this.#headers = headers;
  }

  /** Packets as they go over the wire, such as `40` or `42["join",{}]`, in one request. */
  send(...packets: readonly string[]): Promise<RawAnswer> {
    const body = packets.join(SEPARATOR);
    return this.#scene.ask(this.#path, this.#headers, { method: 'POST', body });
  }

  /** What the server has to say next: one poll. */
  async poll(): Promise<readonly string[]> {
    const { text } = await this.#scene.ask(this.#path, this.#headers);
    return text.split(SEPARATOR);
  }

  /** The first packet so far that matches; polls until there is one, and throws when the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.#said.find((packet) => pattern.test(packet));
      if (found !== undefined) return found;
      const packets = await this.poll();
      this.#said.push(...packets);
      const isOver = packets.some((packet) => packet === '1' || packet.startsWith('{'));
      if (isOver && !packets.some((packet) => pattern.test(packet))) {
        throw new Error(`the connection ended: ${this.#said.join(' ')}`);
      }
    }
  }
}
