/**
 * Lines of the log that a peer or a store that fails can bring about as often as anything is asked: a few of each in a
 * minute say what is wrong, and more would fill the disk.
 */
import type { Log } from './log.ts';

const LINES_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

export class FewLines {
  readonly #log: Pick<Log, 'error'>;
  readonly #now: () => number;
  readonly #windows = new Map<string, { readonly startedAt: number; lines: number }>();

  /** @param now milliseconds; for tests */
  constructor(log: Pick<Log, 'error'>, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /** @param what one of few sentences, which are counted each by itself */
  error(about: object, what: string): void {
    const now = this.#now();
    let window = this.#windows.get(what);
    if (window === undefined || now - window.startedAt >= MINUTE_MS) {
      window = { startedAt: now, lines: 0 };
      this.#windows.set(what, window);
    }
    window.lines += 1;
    if (window.lines > LINES_PER_MINUTE) return;
    const isLast = window.lines === LINES_PER_MINUTE;
    this.#log.error(about, isLast ? `${what}; further ones of this minute are left out` : what);
  }
}
