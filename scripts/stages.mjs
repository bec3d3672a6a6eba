/** Stages of a check, some in parallel: each prints its whole output at its end, and is timed. */
import { performance } from 'node:perf_hooks';

const secondsSince = (startMs) => (performance.now() - startMs) / 1_000;
const shown = (seconds) => (seconds < 10 ? seconds.toFixed(1) : String(Math.round(seconds)));

export class Stages {
  #startedAt = performance.now();
  #times = [];
  hasFailed = false;

  /**
   * Runs a stage, and prints its name and its output when it has ended.
   * @param work resolves with { status, output }; the stage failed with a status other than 0
   * @param options.skippedBy the status of a stage that could not be run
   * @returns the status
   */
  async run(name, work, { skippedBy } = {}) {
    const startedAt = performance.now();
    const { status, output } = await work();
    const verdict = this.#ended(name, startedAt, status, skippedBy);
    this.announce(name + verdict);
    process.stdout.write(output);
    return status;
  }

  /** Runs a stage alone, which prints as it goes. `work` returns the status. */
  runAlone(name, work) {
    const startedAt = performance.now();
    this.announce(name);
    const status = work();
    this.#ended(name, startedAt, status);
    return status;
  }

  #ended(name, startedAt, status, skippedBy) {
    const verdict = status === 0 ? '' : status === skippedBy ? ' (skipped)' : ' (failed)';
    this.#times.push({ name, seconds: secondsSince(startedAt), verdict });
    if (verdict === ' (failed)') this.hasFailed = true;
    return verdict;
  }

  /** Names a stage that is not run. */
  skip(name, reason) {
    this.#times.push({ name, seconds: 0, verdict: ` (not run: ${reason})` });
  }

  announce(name) {
    console.log(`\n> ${name} (after ${Math.round(secondsSince(this.#startedAt))} s)`);
  }

  printTimes() {
    console.log('\nSeconds by stage; some ran side by side:');
    for (const { name, seconds, verdict } of this.#times) {
      console.log(`${shown(seconds).padStart(7)}  ${name}${verdict}`);
    }
    console.log(`${shown(secondsSince(this.#startedAt)).padStart(7)}  in all`);
  }
}
