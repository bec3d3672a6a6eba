/** A node of a cluster under test, with a supervisor that starts it again when it ends, as systemd would. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TestServer } from '../support/server.ts';
import type { Link } from './link.ts';

const PRELOADED = new URL('./from-address.mjs', import.meta.url).href;
const RESTARTS_AFTER_MS = 1_000;
/** Far more than any fault needs: a node that never starts must not make a test wait without end. */
const ATTEMPTS = 60;
const READY_WITHIN_MS = 120_000;

/**
 * How long a node may be cut off from the database. Twice the default of the server, which a machine that runs all tests at
 * once may not keep; figures of failovers are for the default: CONCORD_NEMESIS_LEASE_MS=2500.
 */
export const leaseMs = Number(process.env['CONCORD_NEMESIS_LEASE_MS'] ?? 5_000);

export interface TestNodeOptions {
  readonly name: string;
  /** Address that its connections come from. */
  readonly from: string;
  readonly port: number;
  readonly dataDirectory: string;
  /** How it reaches the database. */
  readonly toDatabase: Link;
  readonly databaseUrl: string;
  /** How the other nodes reach it. */
  readonly toNode: Link;
  readonly environment?: NodeJS.ProcessEnv;
}

export class TestNode {
  readonly options: TestNodeOptions;
  /** What it said last before each end that nothing here had asked for. */
  readonly unexpectedEnds: string[] = [];
  #server: TestServer | null = null;
  #isWanted = false;

  constructor(options: TestNodeOptions) {
    this.options = options;
  }

  get name(): string {
    return this.options.name;
  }

  /** Null while it starts, and when it was ended. */
  get server(): TestServer | null {
    return this.#server;
  }

  /** Resolves when it serves. A start that fails is tried again. */
  async start(): Promise<void> {
    this.#isWanted = true;
    for (let attempt = 0; this.#isWanted; attempt += 1) {
      if (attempt === ATTEMPTS) throw new Error(this.unexpectedEnds.at(-1));
      const server = await this.#startOnce();
      if (server === null) {
        await sleep(RESTARTS_AFTER_MS);
        continue;
      }
      this.#server = server;
      void server.ended.then((code) => this.#ended(server, code));
      return this.#untilReady(server);
    }
  }

  /** SIGKILL, without a restart. */
  async kill(): Promise<void> {
    const server = this.#giveUp();
    await server?.kill();
  }

  /** SIGTERM, without a restart. @returns the exit code */
  async stop(): Promise<number | null> {
    const server = this.#giveUp();
    server?.signal('SIGCONT');
    return server === null ? 0 : server.stop();
  }

  suspend(): void {
    this.#server?.signal('SIGSTOP');
  }

  resume(): void {
    this.#server?.signal('SIGCONT');
  }

  #giveUp(): TestServer | null {
    const server = this.#server;
    this.#isWanted = false;
    this.#server = null;
    return server;
  }

  async #startOnce(): Promise<TestServer | null> {
    const { name, from, port, dataDirectory, databaseUrl, toNode, environment } = this.options;
    try {
      return await TestServer.start({
        dataDirectory,
        port,
        environment: {
          NODE_OPTIONS: `--import ${PRELOADED}`,
          CONCORD_TEST_FROM: from,
          CONCORD_STORE: databaseUrl,
          CONCORD_NODE: name,
          CONCORD_NODE_LEASE_MS: String(leaseMs),
          CONCORD_NODE_ADDRESS: `http://127.0.0.1:${toNode.port}`,
          CONCORD_TRUSTED_PROXIES: '127.0.0.0/8',
          ...environment,
        },
      });
    } catch (error) {
      this.#tell(`did not start: ${(error as Error).message}`);
      return null;
    }
  }

  /** It has joined the cluster. Resolves as well when it ends before. */
  async #untilReady(server: TestServer): Promise<void> {
    const until = performance.now() + READY_WITHIN_MS;
    while (this.#server === server) {
      const response = await fetch(`${server.url}/readyz`).catch(() => null);
      if (response?.status === 200) return;
      if (performance.now() > until) throw new Error(`${this.name} is not ready: ${server.stderr}`);
      await sleep(50);
    }
  }

  async #ended(server: TestServer, code: number | null): Promise<void> {
    if (this.#server !== server) return;
    this.#server = null;
    this.#tell(`ended with ${code}: ${server.stderr}`);
    await sleep(RESTARTS_AFTER_MS);
    if (this.#isWanted) await this.start();
  }

  #tell(what: string): void {
    this.unexpectedEnds.push(`${this.name} ${what.slice(-2_000)}`);
  }
}
