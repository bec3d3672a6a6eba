/** Checks the reconnection backoff: without progress, a client joins a bounded number of times a minute. */
import { must } from './invariant-error.ts';

const MINUTE_MS = 60_000;
/** Full jitter up to 30 s makes about ten connections in the first minute, with at most four joins on each. */
const JOINS_MAX = 60;

export class JoinRate {
  #joinedAt: number[] = [];

  /** @param now virtual milliseconds */
  joins(name: string, now: number): void {
    this.#joinedAt = [...this.#joinedAt.filter((at) => at > now - MINUTE_MS), now];
    must(
      this.#joinedAt.length <= JOINS_MAX,
      'I9',
      () => `${name} joined ${this.#joinedAt.length} times within a minute, without progress`,
    );
  }

  /** Progress: an acknowledgement, a new page, or the network is back. */
  progressed(): void {
    this.#joinedAt = [];
  }
}
