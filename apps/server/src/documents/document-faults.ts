/**
 * Documents whose owner threw. The next join opens such a document anew from the store; when it throws again, the
 * openings back off, so that a text or an edit that no owner survives costs little, and others nothing.
 */
import type { DocumentId } from '@concord/protocol';

/** The first fault may be of the moment: opened again at once. From the second on, this doubles. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;
/** Without a fault for so long, the next one is the first again. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;
/** Beyond it, the oldest are forgotten, which opens them again at once. */
const REMEMBERED = 1_000;

interface Faulty {
  readonly count: number;
  readonly at: number;
  readonly restsUntil: number;
  readonly error: Error;
  /** Whose messages the owner threw at. */
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
   * @returns whether this person's message did it before: then another try would not help them either
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
