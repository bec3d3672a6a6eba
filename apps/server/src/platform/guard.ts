/**
 * Fault isolation per peer: an exception during work for a peer ends that peer's connection, and is logged and counted.
 * It never becomes an uncaught exception, which would end the process for all peers.
 */
import type { Log } from './log.ts';
import type { ServerMetrics } from './metrics.ts';

/** Where a fault was caught; a closed set, because it is a metric label. */
export type FaultPlace =
  'connection' | 'message' | 'request' | 'timer' | 'document' | 'event' | 'worker' | 'process';

/** Faults of one place that are logged in a minute: a peer that repeats one must not fill the disk. */
const LOGGED_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

export interface GuardOptions {
  readonly log: Log;
  readonly metrics: Pick<ServerMetrics, 'fault'>;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

export class Guard {
  readonly #options: GuardOptions;
  readonly #windows = new Map<FaultPlace, { startedAt: number; faults: number }>();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /**
   * Runs the action. When it throws, or the promise it returns rejects, `refuse` ends what the peer had.
   * The returned promise never rejects; it is settled already when the action was synchronous.
   */
  run(
    place: FaultPlace,
    action: () => void | Promise<void>,
    refuse: () => void = () => {},
  ): Promise<void> {
    const failed = (error: unknown): void => {
      this.caught(place, error);
      try {
        refuse();
      } catch (again) {
        // A peer that cannot even be refused is left to the timeouts of its connection.
        this.caught(place, again);
      }
    };
    try {
      const pending = action();
      return pending === undefined ? DONE : pending.catch(failed);
    } catch (error) {
      failed(error);
      return DONE;
    }
  }

  /** A fault that was caught elsewhere. Never throws. */
  caught(place: FaultPlace, error: unknown, about: Readonly<Record<string, unknown>> = {}): void {
    const { log, metrics, now = Date.now } = this.#options;
    metrics.fault(place);
    const window = this.#windowAt(place, now());
    window.faults += 1;
    if (window.faults > LOGGED_PER_MINUTE) return;
    const isLast = window.faults === LOGGED_PER_MINUTE;
    log.error(
      { ...about, place, err: error },
      isLast
        ? 'a fault was contained; further ones of this minute are only counted'
        : 'a fault was contained',
    );
  }

  #windowAt(place: FaultPlace, now: number): { startedAt: number; faults: number } {
    let window = this.#windows.get(place);
    if (window === undefined || now - window.startedAt >= MINUTE_MS) {
      window = { startedAt: now, faults: 0 };
      this.#windows.set(place, window);
    }
    return window;
  }
}

const DONE = Promise.resolve();
