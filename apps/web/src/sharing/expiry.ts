/** Until when a new link works: a few choices, or a date and time of one's own. Pure. */

export const expiryChoices = ['never', 'day', 'week', 'month', 'until'] as const;
export type ExpiryChoice = (typeof expiryChoices)[number];

export const DAY_MS = 24 * 60 * 60 * 1_000;
const lengths: Readonly<Record<'day' | 'week' | 'month', number>> = {
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
};

/**
 * When the link ends, in milliseconds since 1970: null for never, 'invalid' when the chosen time is none or past.
 * @param localTime of a `datetime-local` field, in the reader's time zone; used by the choice `until` alone
 */
export function expiryOf(
  choice: ExpiryChoice,
  localTime: string,
  now: number,
): number | null | 'invalid' {
  if (choice === 'never') return null;
  if (choice !== 'until') return now + lengths[choice];
  const time = new Date(localTime).getTime();
  return Number.isNaN(time) || time <= now ? 'invalid' : time;
}

/** A time as a `datetime-local` field wants it: local, to the minute. */
export function toLocalTime(timeMs: number): string {
  const offset = new Date(timeMs).getTimezoneOffset() * 60_000;
  return new Date(timeMs - offset).toISOString().slice(0, 16);
}
