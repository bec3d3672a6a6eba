/**
 * Time slicing for long work on the event loop: it yields every few milliseconds, so that other requests are served in
 * between, and fails when it exceeds its budget of steps.
 */
import { setImmediate } from 'node:timers/promises';

/** The work exceeded its budget. */
export class WorkExceededError extends Error {}

const SLICE_MS = 5;

export class SlicedWork {
  readonly #stepsMax: number;
  #steps = 0;
  #sliceEndsAt = performance.now() + SLICE_MS;

  /** @param stepsMax budget in component steps; Infinity for work that must finish */
  constructor(stepsMax = Infinity) {
    this.#stepsMax = stepsMax;
  }

  /** Charges steps, called at least once per millisecond of work. Throws {@link WorkExceededError}. */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#stepsMax) throw new WorkExceededError('The work costs too much.');
  }

  /** Whether the time slice is used up: then `rest` is to be awaited. */
  get isSliceOver(): boolean {
    return performance.now() >= this.#sliceEndsAt;
  }

  async rest(): Promise<void> {
    await setImmediate();
    this.#sliceEndsAt = performance.now() + SLICE_MS;
  }
}
