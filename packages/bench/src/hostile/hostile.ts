/** Costs of hostile guests for people who type, and of a crowd of honest readers for the server. */
import type { OperationsMessage } from '@concord/protocol';
import { ask, startChild, stopChild } from '../child-process.ts';
import type { Plan } from '../comparison.ts';
import { LONG_TURN_MS } from '../long-turn.ts';
import type { Strain, Usage } from '../server-probe.ts';
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
  readonly strain: Strain;
  /** Shares of one core: all threads of the server together, and its event loop. */
  readonly cpu: number;
  readonly loop: number;
  readonly tally: Tally;
}

export interface HerdPoint {
  readonly readers: number;
  readonly operations: number;
  readonly ms: number;
  readonly putOff: number;
  readonly strain: Strain;
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
/** Default rate limits, which are what is measured. */
const DEFAULT_LIMITS = {
  CONCORD_OPERATIONS_PER_SECOND: '',
  CONCORD_OPERATIONS_BURST: '',
  CONCORD_REQUESTS_PER_MINUTE: '',
};

export async function hostileGuests(plan: Plan): Promise<HostileResults> {
  const ms = plan.isQuick ? 5_000 : MEASURED_MS;
  const counts = plan.isQuick ? [0, 1, 10] : [0, 1, 10, 10, 1, 0];
  const runs: Run[] = [];
  for (const count of counts) runs.push(await beside(plan, count, ms));
  const guests = [0, 1, 10].map((count) => together(runs.filter((run) => run.guests === count)));
  return { guests, herd: await herd(plan) };
}

/** One run, before its samples are merged with those of others. */
interface Run extends Omit<HostilePoint, 'acknowledged'> {
  readonly samples: readonly number[];
}

function together(runs: readonly Run[]): HostilePoint {
  const most = (of: (run: Run) => number): number => Math.max(...runs.map(of));
  const mean = (of: (run: Run) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const tally: Tally = {};
  for (const [name, { tried, granted }] of runs.flatMap((run) => Object.entries(run.tally))) {
    const one = (tally[name] ??= { tried: 0, granted: 0 });
    one.tried += tried;
    one.granted += granted;
  }
  return {
    guests: most((run) => run.guests),
    acknowledged: latencyOf(runs.flatMap(({ samples }) => samples)),
    strain: {
      residentBytes: most(({ strain }) => strain.residentBytes),
      worstStallMs: most(({ strain }) => strain.worstStallMs),
      worstTurnMs: most(({ strain }) => strain.worstTurnMs),
      longTurns: runs.reduce((sum, { strain }) => sum + strain.longTurns, 0),
    },
    cpu: mean((run) => run.cpu),
    loop: mean((run) => run.loop),
    tally,
  };
}

async function beside(plan: Plan, guests: number, ms: number): Promise<Run> {
  const server = await RunningServer.start('concord', { ...plan, environment: DEFAULT_LIMITS });
  const attackers = startChild(scriptOf('./hostile/attack-process.js'));
  const watch = new StrainWatch(server);
  try {
    // Warm-up of code and caches.
    await typeFor(server.url, 2_000);
    const job: AttackJob = { url: server.url, addresses: guests, ms, only: plan.attacks };
    const attacked = ask(attackers, job, answerOf<Tally>);
    await watch.begin();
    const samples = await typeFor(server.url, ms);
    const { strain, cpu, loop } = await watch.end();
    const tally = await attacked;
    const acknowledged = latencyOf(samples);
    plan.log(
      `  ten people beside ${guests} hostile guests: p50 ${acknowledged.p50.toFixed(1)} p99 ${acknowledged.p99.toFixed(1)} ms of ` +
        `${acknowledged.samples}, ${inWords(strain)}, cores: server ${cpu.toFixed(2)}, its loop ${loop.toFixed(2)}`,
    );
    for (const [name, { tried, granted }] of Object.entries(tally)) {
      plan.log(`    ${name}: ${granted} of ${tried}`);
    }
    return { guests, samples, strain, cpu, loop, tally };
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
    const { strain } = await watch.end();
    plan.log(
      `  ${readers} readers of ${operations} operations: ${(ms / 1_000).toFixed(1)} s, ${putOff} put off, ${inWords(strain)}`,
    );
    return { readers, operations, ms, putOff, strain };
  } finally {
    await stopChild(crowd);
    await server.stop();
  }
}

/** Eight people type until the log has this many operations. */
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

const inWords = ({ worstStallMs, worstTurnMs, longTurns, residentBytes }: Strain): string =>
  `worst stall ${worstStallMs.toFixed(0)} ms (${worstTurnMs.toFixed(0)} ms of its own work; ${longTurns} above ` +
  `${LONG_TURN_MS} ms), ${(residentBytes / 1e6).toFixed(0)} MB`;

interface Watched {
  readonly strain: Strain;
  readonly cpu: number;
  readonly loop: number;
}

/** Polls a server's resource use. */
class StrainWatch {
  readonly #server: RunningServer;
  #timer: NodeJS.Timeout | undefined;
  #looked = Promise.resolve();
  #before: Usage | undefined;
  #strain: Strain = { residentBytes: 0, worstStallMs: 0, worstTurnMs: 0, longTurns: 0 };

  constructor(server: RunningServer) {
    this.#server = server;
  }

  async begin(): Promise<void> {
    await this.#server.strain();
    this.#before = await this.#server.usage();
    this.#timer = setInterval(() => void this.#look(), SAMPLE_MS);
  }

  async end(): Promise<Watched> {
    clearInterval(this.#timer);
    await this.#look();
    const { cpuMs, loopActiveMs, loopIdleMs } = await this.#server.usage();
    const before = this.#before ?? { cpuMs: 0, loopActiveMs: 0, loopIdleMs: 0 };
    const activeMs = loopActiveMs - before.loopActiveMs;
    const ms = activeMs + loopIdleMs - before.loopIdleMs;
    return { strain: this.#strain, cpu: (cpuMs - before.cpuMs) / ms, loop: activeMs / ms };
  }

  /** One request at a time, since responses do not name their request. */
  #look(): Promise<void> {
    this.#looked = this.#looked.then(() => this.#ask());
    return this.#looked;
  }

  async #ask(): Promise<void> {
    const seen = await this.#server.strain();
    const { residentBytes, worstStallMs, worstTurnMs, longTurns } = this.#strain;
    this.#strain = {
      residentBytes: Math.max(residentBytes, seen.residentBytes),
      worstStallMs: Math.max(worstStallMs, seen.worstStallMs),
      worstTurnMs: Math.max(worstTurnMs, seen.worstTurnMs),
      longTurns: longTurns + seen.longTurns,
    };
  }
}
