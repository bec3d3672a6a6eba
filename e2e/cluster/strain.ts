/** What a node holds while a test runs: memory of its process, and what waits in it, by its own metrics. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServer } from '../support/server.ts';

const SAMPLE_MS = 200;
const GAUGES = {
  bytesWaiting: 'concord_bytes_waiting',
  joinsWaiting: 'concord_joins_waiting',
  unjoined: 'concord_connections_unjoined',
} as const;

/** Resident memory of a process now, in bytes; on Linux only, as links are. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
}

/** Watches a server that lives until the watch is over, and keeps the largest of each. */
export class Strain {
  readonly largest = { residentBytes: 0, bytesWaiting: 0, joinsWaiting: 0, unjoined: 0 };
  readonly before: number;
  readonly #server: TestServer;
  readonly #watching: Promise<void>;
  #isOver = false;

  constructor(server: TestServer) {
    this.#server = server;
    this.before = residentBytes(server.pid);
    this.#watching = this.#watch();
    // Told by `end`.
    this.#watching.catch(() => undefined);
  }

  /** Rejects when the server did not answer a question. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#watching;
  }

  /** For the report. */
  get shown(): string {
    const { residentBytes: resident, bytesWaiting, joinsWaiting, unjoined } = this.largest;
    const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);
    return `at most ${mb(resident)} MB resident (${mb(this.before)} before), ${mb(bytesWaiting)} MB unread, ${joinsWaiting} joins waiting, ${unjoined} connections unjoined`; // prettier-ignore
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      this.#keep('residentBytes', residentBytes(this.#server.pid));
      const metrics = await (await fetch(`${this.#server.url}/metrics`)).text();
      for (const [name, gauge] of Object.entries(GAUGES)) {
        const value = new RegExp(`^${gauge} (\\S+)$`, 'm').exec(metrics)?.[1];
        this.#keep(name as keyof typeof GAUGES, Number(value));
      }
      await sleep(SAMPLE_MS);
    }
  }

  #keep(name: keyof Strain['largest'], value: number): void {
    if (Number.isNaN(value)) throw new Error(`${name} is not known.`);
    this.largest[name] = Math.max(this.largest[name], value);
  }
}
