/** The longest stall of this process's event loop, and its resource use. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessFigures } from './merge-replica.ts';

/** Sampling interval, which is subtracted from measured delays. */
const RESOLUTION_MS = 5;

export class StallWatch {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpuBefore = process.cpuUsage();

  constructor() {
    this.#histogram.enable();
  }

  /** Resets the figures, after a garbage collection. */
  begin(): void {
    globalThis.gc?.();
    this.#histogram.reset();
    this.#cpuBefore = process.cpuUsage();
  }

  async figures(): Promise<ProcessFigures> {
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    // A stall that ends now is recorded at the next sample.
    await delay(4 * RESOLUTION_MS);
    return {
      longestStallMs: Math.max(0, this.#histogram.max / 1e6 - RESOLUTION_MS),
      cpuMs: (user + system) / 1_000,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
  }
}
