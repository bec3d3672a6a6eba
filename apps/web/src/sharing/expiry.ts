/** Expiry of a new link: fixed lifetimes, or a custom date and time. Pure. */

export const expiryChoices = ['never', 'day', 'week', 'month', 'until'] as const;
export type ExpiryChoice = (typeof expiryChoices)[number];

export const DAY_MS = 24 * 60 * 60 * 1_000;
const lengths: Readonly<Record<'day' | 'week' | 'month', number>> = {
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
};

/**
 * When the link expires, in milliseconds since 1970; null for never, 'invalid' if the custom time is missing or past.
 * @param localTime of a `datetime-local` field, in the local time zone; used only by the choice `until`
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

/** A time in the format of a `datetime-local` field: local, to the minute. */
export function toLocalTime(timeMs: number): string {
  const offset = new Date(timeMs).getTimezoneOffset() * 60_000;
  return new Date(timeMs - offset).toISOString().slice(0, 16);
}
