/**
 * Logs refused origins and hosts, once each: behind a proxy that changes the Host a whole team is refused, and the
 * administrator must learn which setting is missing.
 */
import type { Log } from '../platform/log.ts';

/** Bound of the LRU of logged names; inventing more only makes old lines appear again. */
const REMEMBERED = 200;
/** Rate limit of the log: names can be invented as fast as requests are sent. */
const LINES_PER_MINUTE = 20;
const MINUTE_MS = 60_000;
/** Longest logged name; longer ones are not genuine. */
const NAME_MAX = 300;

export class RefusedSenders {
  readonly #log: Pick<Log, 'warn'>;
  readonly #now: () => number;
  /** Least lately seen first. */
  readonly #known = new Set<string>();
  #windowAt = -Infinity;
  #lines = 0;

  constructor(log: Pick<Log, 'warn'>, now: () => number = Date.now) {
    this.#log = log;
    this.#now = now;
  }

  origin(origin: string | undefined): void {
    if (origin === undefined || !this.#isNew(`origin ${origin}`)) return;
    this.#log.warn(
      { origin: origin.slice(0, NAME_MAX) },
      'a page of this origin was refused; if it is of this server, list it in CONCORD_ORIGINS',
    );
  }

  host(host: string | undefined): void {
    if (!this.#isNew(`host ${host ?? ''}`)) return;
    this.#log.warn(
      { host: host?.slice(0, NAME_MAX) ?? null },
      'a request for another host than that of CONCORD_PUBLIC_URL was refused; if it is of this server, ' +
        'list its origin in CONCORD_ORIGINS',
    );
  }

  #isNew(name: string): boolean {
    const key = name.slice(0, NAME_MAX);
    const isKnown = this.#known.delete(key);
    const now = this.#now();
    if (now - this.#windowAt >= MINUTE_MS) {
      this.#windowAt = now;
      this.#lines = 0;
    }
    if (!isKnown && this.#lines >= LINES_PER_MINUTE) return false;
    this.#known.add(key);
    if (isKnown) return false;
    this.#lines += 1;
    if (this.#known.size > REMEMBERED) {
      for (const oldest of this.#known) {
        this.#known.delete(oldest);
        break;
      }
    }
    return true;
  }
}
