/** The server has paused saving for all people: what is safe, and that no action is needed. */
import { messages } from '../i18n/messages.ts';
import { TakeText } from './take-text.tsx';

const words = messages.paused;

export function PausedNotice(props: {
  readonly onCopy: () => void;
  readonly onDownload: () => void;
}) {
  return (
    <section className="notice notice-warning" aria-live="polite">
      <div className="notice-text">
        <h2>{words.heading}</h2>
        <p>{words.body}</p>
      </div>
      <div className="notice-actions">
        <TakeText {...props} />
      </div>
    </section>
  );
}
