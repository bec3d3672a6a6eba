/**
 * Loaded into either server before its own code (`--import`): reports resource use of the process on request, and is
 * idle otherwise.
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

/** Load of the process since the last request. */
export interface Strain {
  readonly residentBytes: number;
  /** The longest delay of the event loop. */
  readonly worstStallMs: number;
  /** The longest turn in CPU time of the main thread, so that other processes do not count. */
  readonly worstTurnMs: number;
  /** Number of turns longer than {@link LONG_TURN_MS} in CPU time. */
  readonly longTurns: number;
}

export type Question = 'usage' | 'memory' | 'strain';

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { active, idle } = performance.eventLoopUtilization();
  return { cpuMs: (user + system) / 1_000, loopActiveMs: active, loopIdleMs: idle };
}

function memory(): Memory {
  // Twice: the second collection frees weak references and buffers.
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { residentBytes: rss, heapBytes: heapUsed + external };
}

const LOOK_MS = 5;

/** Samples the CPU time of the main thread every few milliseconds; on Linux only. */
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

/** CPU time of the main thread, whose id is the process's; 0 where it is not available. */
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
  // The benchmark is gone; the data directory is temporary.
  process.on('disconnect', () => process.exit(0));
  // The IPC channel must not keep the server alive.
  process.channel?.unref();
}
