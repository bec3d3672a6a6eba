import { useEffect, useState } from 'react';
import { formatLongDateTime, formatRelativeTime } from '../i18n/formats.ts';
import { messages } from '../i18n/messages.ts';

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "5 minutes ago"; clock skew never yields a time in the future. */
export function relativeTime(timeMs: number, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - timeMs) / 1_000);
  for (const [unit, length] of units) {
    if (seconds >= length) return formatRelativeTime(-Math.floor(seconds / length), unit);
  }
  return messages.documents.justNow;
}

/**
 * The time of an event, updated while shown; the exact time on hover.
 * @param wording of the event around the relative time; that it changed, if omitted
 */
export function RelativeTime(props: {
  readonly timeMs: number;
  readonly wording?: (when: string) => string;
}) {
  const { timeMs, wording = messages.documents.changed } = props;
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={formatLongDateTime(timeMs)}>
      {wording(relativeTime(timeMs, nowMs))}
    </time>
  );
}
