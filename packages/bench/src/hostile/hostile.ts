/** What hostile guests cost the people who type, and what an honest crowd costs the server. */
import { setTimeout as delay } from 'node:timers/promises';
import type { OperationsMessage } from '@concord/protocol';
import { ask, startChild, stopChild } from '../child-process.ts';
import type { Plan } from '../comparison.ts';
import type { Strain } from '../server-probe.ts';
import { answerOf, RunningServer, scriptOf } from '../sides.ts';
import { latencyOf, type Latency } from '../statistics.ts';
import type { AttackJob } from './attack-process.ts';
import type { Tally } from './attacks.ts';
import { GuestSocket, newGuest, openDocument, type Heard } from './guest-socket.ts';
import type { HerdJob, HerdOutcome } from './herd-process.ts';
import { typeFor } from './typists.ts';

/** People type: alone, beside one hostile guest, beside ten from ten addresses. */
export interface HostilePoint {
  readonly guests: number;
  readonly acknowledged: Latency;
  readonly worstStallMs: number;
  /** The largest resident memory that was seen. */
  readonly residentBytes: number;
  readonly tally: Tally;
}

export interface HerdPoint {
  readonly readers: number;
  readonly operations: number;
  readonly ms: number;
  readonly putOff: number;
  readonly worstStallMs: number;
  readonly residentBytes: number;
}

export interface HostileResults {
  readonly guests: readonly HostilePoint[];
  readonly herd: HerdPoint;
}

const MEASURED_MS = 60_000;
const SAMPLE_MS = 500;
const HERD_READERS = 1_500;
const HERD_OPERATIONS = 20_000;
const HERD_WRITERS = 8;
/** The limits as they are by default: they are what is measured. */
const DEFAULT_LIMITS = {
  CONCORD_OPERATIONS_PER_SECOND: '',
  CONCORD_OPERATIONS_BURST: '',
  CONCORD_REQUESTS_PER_MINUTE: '',
};

export async function hostileGuests(plan: Plan): Promise<HostileResults> {
  const ms = plan.isQuick ? 5_000 : MEASURED_MS;
  const guests: HostilePoint[] = [];
  for (const count of [0, 1, 10]) guests.push(await beside(plan, count, ms));
  return { guests, herd: await herd(plan) };
}

async function beside(plan: Plan, guests: number, ms: number): Promise<HostilePoint> {
  const server = await RunningServer.start('concord', { ...plan, environment: DEFAULT_LIMITS });
  const attackers = startChild(scriptOf('./hostile/attack-process.js'));
  const watch = new StrainWatch(server);
  try {
    // Code and caches come into memory first.
    await typeFor(server.url, 2_000);
    const job: AttackJob = { url: server.url, addresses: guests, ms };
    const attacked = ask(attackers, job, answerOf<Tally>);
    await watch.begin();
    const samples = await typeFor(server.url, ms);
    const { residentBytes, worstStallMs } = await watch.end();
    const tally = await attacked;
    const acknowledged = latencyOf(samples);
    plan.log(
      `  ten people beside ${guests} hostile guests: p99 ${acknowledged.p99.toFixed(1)} ms of ${acknowledged.samples}, ` +
        `worst stall ${worstStallMs.toFixed(0)} ms, ${(residentBytes / 1e6).toFixed(0)} MB`,
    );
    for (const [name, { tried, granted }] of Object.entries(tally)) {
      plan.log(`    ${name}: ${granted} of ${tried}`);
    }
    return { guests, acknowledged, worstStallMs, residentBytes, tally };
  } finally {
    await stopChild(attackers);
    await server.stop();
  }
}

async function herd(plan: Plan): Promise<HerdPoint> {
  const readers = plan.isQuick ? 200 : HERD_READERS;
  const operations = plan.isQuick ? 2_000 : HERD_OPERATIONS;
  const server = await RunningServer.start('concord', plan);
  const crowd = startChild(scriptOf('./hostile/herd-process.js'));
  const watch = new StrainWatch(server);
  try {
    const documentId = await writtenDocument(server.url, operations);
    await watch.begin();
    const job: HerdJob = { url: server.url, documentId, readers };
    const { ms, putOff } = await ask(crowd, job, answerOf<HerdOutcome>);
    const { residentBytes, worstStallMs } = await watch.end();
    plan.log(
      `  ${readers} readers of ${operations} operations: ${(ms / 1_000).toFixed(1)} s, ${putOff} put off, ` +
        `worst stall ${worstStallMs.toFixed(0)} ms, ${(residentBytes / 1e6).toFixed(0)} MB`,
    );
    return { readers, operations, ms, putOff, worstStallMs, residentBytes };
  } finally {
    await stopChild(crowd);
    await server.stop();
  }
}

/** Eight people type until the log has so many operations. */
async function writtenDocument(url: string, operations: number): Promise<string> {
  const owner = newGuest('10.4.0.1');
  const documentId = await openDocument(url, owner, 'A long lesson.\n');
  await Promise.all(
    Array.from({ length: HERD_WRITERS }, async () => {
      let version = 1;
      let answered: ((heard: Heard) => void) | null = null;
      const socket = await GuestSocket.open(url, documentId, newGuest('10.4.0.2'), (heard) => {
        if (heard.type === 'operations') {
          const { firstVersion, operations: others } = heard.body as OperationsMessage;
          version = firstVersion + others.length - 1;
          if (!others.some(({ clientId }) => clientId === socket.clientId)) return;
        } else if (heard.type === 'joined') version = (heard.body as { version: number }).version;
        else if (heard.type !== 'rejected') return;
        answered?.(heard);
      });
      const answer = (): Promise<Heard> => new Promise((resolve) => (answered = resolve));
      const joined = answer();
      socket.join(version);
      await joined;
      for (let seq = 1; seq <= operations / HERD_WRITERS; seq++) {
        const told = answer();
        socket.emit('submit', { seq, baseVersion: version, op: ['k'] });
        const { type, body } = await told;
        if (type === 'rejected') throw new Error(`A writer was rejected: ${JSON.stringify(body)}`);
      }
      socket.end();
    }),
  );
  return documentId;
}

/** Asks a server again and again what it takes. */
class StrainWatch {
  readonly #server: RunningServer;
  #timer: NodeJS.Timeout | undefined;
  #residentBytes = 0;
  #worstStallMs = 0;

  constructor(server: RunningServer) {
    this.#server = server;
  }

  async begin(): Promise<void> {
    await this.#server.strain();
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), SAMPLE_MS);
  }

  async end(): Promise<Strain> {
    clearInterval(this.#timer);
    await delay(SAMPLE_MS);
    await this.#look();
    return { residentBytes: this.#residentBytes, worstStallMs: this.#worstStallMs };
  }

  async #look(): Promise<void> {
    const { residentBytes, worstStallMs } = await this.#server.strain();
    this.#residentBytes = Math.max(this.#residentBytes, residentBytes);
    this.#worstStallMs = Math.max(this.#worstStallMs, worstStallMs);
  }
}
