/**
 * Loaded into either server before its own code (`--import`): answers the benchmark's questions about the
 * process. It does nothing until it is asked.
 */
import { monitorEventLoopDelay, performance, type IntervalHistogram } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

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

let delays: IntervalHistogram | null = null;

function strain(): Strain {
  const worstStallMs = (delays?.max ?? 0) / 1e6;
  delays?.disable();
  delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  return { residentBytes: process.memoryUsage.rss(), worstStallMs };
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
