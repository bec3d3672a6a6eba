/** The browser stores nothing for this page: why, what is safe, what to do, and how to take the text along (I5). */
import { storageMessages as words } from './storage-messages.ts';
import { TakeText } from './take-text.tsx';

export function StorageBanner(props: {
  /** Edits still reach the server. */
  readonly isSent: boolean;
  readonly onCopy: () => void;
  readonly onDownload: () => void;
}) {
  const { isSent, onCopy, onDownload } = props;
  return (
    <section className={`notice ${isSent ? 'notice-warning' : 'notice-alarm'}`} role="alert">
      <div className="notice-text">
        <h2>{isSent ? words.sentHeading : words.heading}</h2>
        <p>{isSent ? words.sentBody : words.body}</p>
      </div>
      <div className="notice-actions">
        <TakeText onCopy={onCopy} onDownload={onDownload} />
      </div>
    </section>
  );
}
