/** The client stopped for good: what happened, what is safe, and the text to take along. */
import { messages } from '../messages.ts';

/** What happened, in words where we have them; the server's own otherwise. */
function whatHappened(code: string, detail: string): string {
  const reasons: Readonly<Record<string, string>> = messages.stopped.reasons;
  return reasons[code] ?? detail;
}

export function StoppedBanner(props: {
  readonly code: string;
  readonly detail: string;
  readonly onCopy: () => void;
  readonly onDownload: () => void;
}) {
  const { code, detail, onCopy, onDownload } = props;
  return (
    <section className="notice notice-warning" role="alert">
      <div className="notice-text">
        <h2>{messages.stopped.heading}</h2>
        <p>
          {whatHappened(code, detail)} {messages.stopped.safe}
        </p>
      </div>
      <div className="notice-actions">
        <button type="button" className="button" onClick={onCopy}>
          {messages.document.copyText}
        </button>
        <button type="button" className="button" onClick={onDownload}>
          {messages.document.download}
        </button>
      </div>
    </section>
  );
}
