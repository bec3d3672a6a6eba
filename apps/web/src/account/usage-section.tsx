/** Storage used on the server, and the quota. Shown to guests, too. */
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { messages } from '../i18n/messages.ts';
import { getUsage } from './account-api.ts';

const words = messages.account.usage;

export function UsageSection() {
  const { data: usage, isError: hasFailed } = useQuery({ queryKey: ['usage'], queryFn: getUsage });
  return (
    <section className="account-section">
      <h2>{words.heading}</h2>
      <p className="section-body">{words.body}</p>
      {hasFailed && <p role="alert">{words.failed}</p>}
      {usage !== undefined ? (
        <>
          <Meter label={words.documents} {...usage.documents} text={words.count} />
          <Meter label={words.bytes} {...usage.bytes} text={words.size} />
        </>
      ) : (
        !hasFailed && (
          // As high as the loaded content, so that the layout does not shift.
          <div aria-busy="true">
            <EmptyMeter label={words.documents} />
            <EmptyMeter label={words.bytes} />
          </div>
        )
      )}
    </section>
  );
}

/** From this share of the quota on, the meter warns. */
const HIGH = 0.9;

type Level = 'low' | 'high' | 'full';

function levelOf(used: number, limit: number | null): Level {
  if (limit === null || used < limit * HIGH) return 'low';
  return used < limit ? 'high' : 'full';
}

const saidAt: Readonly<Record<Level, (said: string) => string>> = {
  low: (said) => said,
  high: words.nearlyFull,
  full: words.full,
};

function Meter(props: {
  readonly label: string;
  readonly used: number;
  readonly limit: number | null;
  readonly text: (used: number, limit: number | null) => string;
}) {
  const { label, used, limit, text } = props;
  const id = useId();
  const level = levelOf(used, limit);
  const said = saidAt[level](text(used, limit));
  const part = limit === null ? 0 : Math.min(1, used / limit);
  return (
    <div className={`usage usage-${level}`}>
      <p className="usage-line">
        <span id={id}>{label}</span>
        <span>{said}</span>
      </p>
      {limit !== null && (
        <div
          role="meter"
          aria-labelledby={id}
          aria-valuemin={0}
          aria-valuemax={limit}
          aria-valuenow={Math.min(used, limit)}
          aria-valuetext={said}
          className="usage-meter"
        >
          <span style={{ width: `${Math.max(part > 0 ? 1 : 0, part * 100)}%` }} />
        </div>
      )}
    </div>
  );
}

function EmptyMeter({ label }: { readonly label: string }) {
  return (
    <div className="usage">
      <p className="usage-line">
        <span>{label}</span>
      </p>
      <div className="usage-meter" />
    </div>
  );
}
