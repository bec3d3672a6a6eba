/**
 * Back-off for documents whose owner threw. The next join reopens such a document from the store; repeated faults delay
 * the next opening exponentially, so that a text or edit that always throws does not cost other documents.
 */
import type { DocumentId } from '@concord/protocol';

/** The first fault may be transient, and causes no delay. The delay starts here with the second, and doubles. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;
/** After this long without a fault, the count restarts. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;
/** Bound of remembered documents; a forgotten one may be opened at once. */
const REMEMBERED = 1_000;

interface Faulty {
  readonly count: number;
  readonly at: number;
  readonly restsUntil: number;
  readonly error: Error;
  /** People at whose messages the owner threw. */
  readonly userIds: ReadonlySet<string>;
}

export class DocumentFaults {
  readonly #now: () => number;
  /** Oldest first. */
  readonly #faulty = new Map<DocumentId, Faulty>();

  /** @param now milliseconds of a clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Why the document is not opened now; null when it may be. */
  resting(id: DocumentId): Error | null {
    const faulty = this.#faulty.get(id);
    return faulty === undefined || this.#now() >= faulty.restsUntil ? null : faulty.error;
  }

  /**
   * The owner threw, or the document could not be opened.
   * @param userId whose message it was thrown at; null when no message caused it
   * @returns whether a message of this person caused a fault before, so that a retry would not help
   */
  add(id: DocumentId, error: Error, userId: string | null = null): boolean {
    const now = this.#now();
    const known = this.#faulty.get(id);
    const before = known !== undefined && now - known.at < FORGOTTEN_AFTER_MS ? known : null;
    const count = (before?.count ?? 0) + 1;
    const restMs = count === 1 ? 0 : Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (count - 2));
    const userIds = new Set(before?.userIds);
    const isRepeated = userId !== null && userIds.has(userId);
    if (userId !== null && userIds.size < REMEMBERED) userIds.add(userId);
    this.#faulty.delete(id);
    this.#faulty.set(id, { count, at: now, restsUntil: now + restMs, error, userIds });
    for (const oldest of this.#faulty.keys()) {
      if (this.#faulty.size <= REMEMBERED) break;
      this.#faulty.delete(oldest);
    }
    return isRepeated;
  }
}
