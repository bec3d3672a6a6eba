/**
 * Which proven reports of a diverged text raise the alarm. That a client's text differs from the log's is compared
 * (documents/core/divergence.ts); whether it is a fault or a lie about the own text cannot be told, so that what one person, and
 * one network of people who cost nothing to become, can add is bounded.
 */
import { networkOf } from '../platform/ip-network.ts';

export const REPORT_EVERY_MS = 10 * 60 * 1_000;
/** Networks share no more than this many reports in that time. */
export const REPORTS_PER_NETWORK = 3;
/** Entries that are remembered; beyond it the oldest go, which can only let a report count again. */
const ENTRIES_MAX = 10_000;

export class DivergenceAlarm {
  readonly #now: () => number;
  /** When each person last reported a document; oldest first. */
  readonly #reported = new Map<string, number>();
  /** When each network reported, as far as it matters still; oldest first. */
  readonly #ofNetwork = new Map<string, readonly number[]>();

  /** @param now milliseconds, of a clock that only goes on */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether this report counts: then it is remembered. The owner has checked that the person may read the document. */
  counts(report: {
    readonly userId: string;
    readonly documentId: string;
    readonly address: string;
  }): boolean {
    const now = this.#now();
    const since = now - REPORT_EVERY_MS;
    const key = `${report.userId} ${report.documentId}`;
    const network = networkOf(report.address);
    const last = this.#reported.get(key);
    const recent = (this.#ofNetwork.get(network) ?? []).filter((at) => at > since);
    if ((last !== undefined && last > since) || recent.length >= REPORTS_PER_NETWORK) return false;
    remember(this.#reported, key, now);
    remember(this.#ofNetwork, network, [...recent, now]);
    return true;
  }
}

function remember<V>(entries: Map<string, V>, key: string, value: V): void {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size <= ENTRIES_MAX) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}
