/**
 * Rate-limited log lines, for errors that a peer or a failing store can cause on each request: a few of each kind per
 * minute are enough to diagnose, and more would fill the disk.
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

  /** @param what the message, one of a small set; each is limited separately */
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
