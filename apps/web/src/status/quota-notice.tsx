/** The person's quota is exhausted: why, what is safe, and where to see the usage. */
import { messages } from '../i18n/messages.ts';
import { Link } from '../ui/link.tsx';
import { TakeText } from './take-text.tsx';

const words = messages.quota;

export function QuotaNotice(props: {
  /** The server's message: why, and what to do. */
  readonly detail: string;
  readonly unsent: number;
  readonly onCopy: () => void;
  readonly onDownload: () => void;
}) {
  const { detail, unsent, onCopy, onDownload } = props;
  return (
    <section className="notice notice-warning" aria-live="polite">
      <div className="notice-text">
        <h2>{words.heading}</h2>
        <p>
          {detail} {words.kept(unsent)}
        </p>
      </div>
      <div className="notice-actions">
        <Link href="/account" className="button">
          {words.seeUsage}
        </Link>
        <TakeText onCopy={onCopy} onDownload={onDownload} />
      </div>
    </section>
  );
}
