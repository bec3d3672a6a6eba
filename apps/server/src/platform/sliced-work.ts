/**
 * Work on the event loop that somebody asked for and that may be long: it stops every few milliseconds, so that
 * everybody else is served in between, and ends when it has cost what it may.
 */
import { setImmediate } from 'node:timers/promises';

/** The work costs more than it may. */
export class WorkExceededError extends Error {}

const SLICE_MS = 5;

export class SlicedWork {
  readonly #stepsMax: number;
  #steps = 0;
  #sliceEndsAt = performance.now() + SLICE_MS;

  /** @param stepsMax component steps that all of it may cost; Infinity for work that has to be done */
  constructor(stepsMax = Infinity) {
    this.#stepsMax = stepsMax;
  }

  /** After each step that takes well under a millisecond. Throws {@link WorkExceededError}. */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#stepsMax) throw new WorkExceededError('The work costs too much.');
  }

  /** Whether others should be served now: then `rest` is awaited. */
  get isSliceOver(): boolean {
    return performance.now() >= this.#sliceEndsAt;
  }

  async rest(): Promise<void> {
    await setImmediate();
    this.#sliceEndsAt = performance.now() + SLICE_MS;
  }
}
