/** The browser keeps nothing for this page: why, what is safe, what to do, and the text to take along (I5). */
import { storageMessages as words } from './storage-messages.ts';
import { TakeText } from './take-text.tsx';

export function StorageBanner(props: {
  readonly onCopy: () => void;
  readonly onDownload: () => void;
}) {
  const { onCopy, onDownload } = props;
  return (
    <section className="notice notice-alarm" role="alert">
      <div className="notice-text">
        <h2>{words.heading}</h2>
        <p>{words.body}</p>
      </div>
      <div className="notice-actions">
        <TakeText onCopy={onCopy} onDownload={onDownload} />
      </div>
    </section>
  );
}
