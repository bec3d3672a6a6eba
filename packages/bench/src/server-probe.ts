/**
 * Loaded into either server before its own code (`--import`): answers the benchmark's questions about the
 * process. It does nothing until it is asked.
 */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance, type IntervalHistogram } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { LONG_TURN_MS } from './long-turn.ts';

/** What a server process has used since it started. */
export interface Usage {
  /** Processor time of all threads, milliseconds. */
  readonly cpuMs: number;
  /** Time the main thread's event loop was busy and idle, milliseconds. */
  readonly loopActiveMs: number;
  readonly loopIdleMs: number;
}

export interface Memory {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** What the process takes, seen from outside. */
export interface Strain {
  readonly residentBytes: number;
  /** The longest time that the event loop did nothing else, since this was asked last. */
  readonly worstStallMs: number;
  /** The most of its own processor time that went by meanwhile: what other processes took is left out. */
  readonly worstTurnMs: number;
  /** How often more than {@link LONG_TURN_MS} of it went by. */
  readonly longTurns: number;
}

export type Question = 'usage' | 'memory' | 'strain';

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { active, idle } = performance.eventLoopUtilization();
  return { cpuMs: (user + system) / 1_000, loopActiveMs: active, loopIdleMs: idle };
}

function memory(): Memory {
  // Twice: weak references and buffers are let go of by the second.
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { residentBytes: rss, heapBytes: heapUsed + external };
}

const LOOK_MS = 5;

/** Looks every few milliseconds how much processor time of the main thread went by; Linux alone tells. */
class TurnWatch {
  #worstMs = 0;
  #longOnes = 0;
  #spentMs = spentMs();

  begin(): void {
    setInterval(() => this.#look(), LOOK_MS).unref();
  }

  take(): { readonly worstTurnMs: number; readonly longTurns: number } {
    const taken = { worstTurnMs: this.#worstMs, longTurns: this.#longOnes };
    this.#worstMs = 0;
    this.#longOnes = 0;
    return taken;
  }

  #look(): void {
    const now = spentMs();
    const turnMs = now - this.#spentMs;
    this.#spentMs = now;
    this.#worstMs = Math.max(this.#worstMs, turnMs);
    if (turnMs > LONG_TURN_MS) this.#longOnes += 1;
  }
}

/** Of the thread with the process' own id, which is the main one; 0 where nothing tells. */
function spentMs(): number {
  try {
    const [nanoseconds = '0'] = readFileSync('/proc/self/schedstat', 'utf8').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return 0;
  }
}

let delays: IntervalHistogram | null = null;
let turns: TurnWatch | null = null;

function strain(): Strain {
  const worstStallMs = (delays?.max ?? 0) / 1e6;
  delays?.disable();
  delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  if (turns === null) {
    turns = new TurnWatch();
    turns.begin();
  }
  return { residentBytes: process.memoryUsage.rss(), worstStallMs, ...turns.take() };
}

if (isMainThread && process.send !== undefined) {
  process.on('message', (question: unknown) => {
    if (question === 'usage') process.send?.({ answer: usage() });
    if (question === 'strain') process.send?.({ answer: strain() });
    if (question === 'memory') process.send?.({ answer: memory() });
  });
  // Whoever started the server is gone; its data directory is temporary.
  process.on('disconnect', () => process.exit(0));
  // The channel alone shall not keep the server alive.
  process.channel?.unref();
}
