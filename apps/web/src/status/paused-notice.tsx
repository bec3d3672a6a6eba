/** The server stores nothing for now, whoever writes: what is safe, and that there is nothing to do. */
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
