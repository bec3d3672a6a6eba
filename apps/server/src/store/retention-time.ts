/**
 * Retention time: the clock by which data is deleted for its age. Deletion cannot be undone, and the system clock can
 * be wrong at any start (no battery, a restored snapshot, a mistyped date), so age is never measured by it alone.
 *
 * The store keeps a *credited* time, which follows the system clock at a bounded rate:
 *
 * - with each observation it moves by what the clock itself moved since the last one, but at most a day: a server
 *   that is started daily keeps pace, and a clock that jumps 32 days ahead gains one;
 * - while the process runs, by up to {@link CATCH_UP} times the monotonic time that passed: after a long pause, or
 *   once a clock was set right, it arrives within a day or so.
 *
 * It follows in both directions, so that a corrected jump leaves no credit for the next one. Data must be old enough by
 * both clocks to be deleted: {@link retentionNow} is the earlier of the two.
 */

/** As it is kept in the store; milliseconds since 1970. */
export interface RetentionTime {
  readonly creditedAt: number;
  /** The system clock at the last observation. */
  readonly wallAt: number;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Most that one observation adds, however far the clock moved. */
export const STEP_MAX_MS = DAY_MS;
/** Thirty-two days, more than anything is kept, are caught up with in a day of running. */
export const CATCH_UP = 32;

/**
 * The first observation of a store. Its newest record is evidence of time that has passed; an empty store has
 * nothing that could be deleted too early.
 */
export function firstRetentionTime(wall: number, newestRecordAt: number | null): RetentionTime {
  return { creditedAt: newestRecordAt ?? wall, wallAt: wall };
}

/**
 * One observation of the system clock.
 * @param elapsedMs monotonic time since the former observation; 0 for the first of a process
 */
export function observe(former: RetentionTime, wall: number, elapsedMs: number): RetentionTime {
  const moved = Math.min(Math.abs(wall - former.wallAt), STEP_MAX_MS);
  const most = moved + CATCH_UP * Math.max(0, elapsedMs);
  const behind = wall - former.creditedAt;
  const step = Math.min(most, Math.max(-most, behind));
  return { creditedAt: former.creditedAt + step, wallAt: wall };
}

/** The current time for deletion by age. */
export function retentionNow({ creditedAt, wallAt }: RetentionTime): number {
  return Math.min(creditedAt, wallAt);
}
