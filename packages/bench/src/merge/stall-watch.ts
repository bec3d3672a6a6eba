/** How long the event loop of this process was held up at most, and what the process used. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessFigures } from './merge-replica.ts';

/** How often the watch looks at the clock; a delay of this length is none. */
const RESOLUTION_MS = 5;

export class StallWatch {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpuBefore = process.cpuUsage();

  constructor() {
    this.#histogram.enable();
  }

  /** Begins anew, without garbage of the time before. */
  begin(): void {
    globalThis.gc?.();
    this.#histogram.reset();
    this.#cpuBefore = process.cpuUsage();
  }

  async figures(): Promise<ProcessFigures> {
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    // A stall that ends only now is seen when the watch looks next.
    await delay(4 * RESOLUTION_MS);
    return {
      longestStallMs: Math.max(0, this.#histogram.max / 1e6 - RESOLUTION_MS),
      cpuMs: (user + system) / 1_000,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
  }
}
