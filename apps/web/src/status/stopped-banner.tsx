/** The client stopped for good: what happened, what is safe, and the text to take along. */
import { useState } from 'react';
import { messages } from '../messages.ts';
import { Link } from '../ui/link.tsx';
import { TakeText } from './take-text.tsx';

const words = messages.stopped;

interface Explanation {
  readonly heading: string;
  readonly body: string;
}

/** What happened, in words where we have them; the server's own otherwise. Pure. */
export function explainStop(code: string, detail: string): Explanation {
  if (
    code === 'otherHistory' ||
    code === 'accessRevoked' ||
    code === 'signedOut' ||
    code === 'otherUser'
  )
    return words[code];
  const reasons: Readonly<Record<string, string>> = words.reasons;
  return { heading: words.heading, body: `${reasons[code] ?? detail} ${words.safe}` };
}

export function StoppedBanner(props: {
  readonly code: string;
  readonly detail: string;
  /** Where to sign in, and to come back from. */
  readonly signInPath: string;
  /** Resolves with false when it did not work. */
  readonly onMerge: () => Promise<boolean>;
  readonly onCopy: () => void;
  readonly onDownload: () => void;
}) {
  const { code, detail, signInPath, onMerge, onCopy, onDownload } = props;
  const [merging, setMerging] = useState<'ready' | 'merging' | 'failed'>('ready');
  const merge = async (): Promise<void> => {
    setMerging('merging');
    setMerging((await onMerge()) ? 'ready' : 'failed');
  };
  const { heading, body } = explainStop(code, detail);
  return (
    <section className="notice notice-warning" role="alert">
      <div className="notice-text">
        <h2>{heading}</h2>
        <p>{body}</p>
        {merging === 'failed' && (
          <p className="field-error" role="alert">
            {words.mergeFailed}
          </p>
        )}
      </div>
      <div className="notice-actions">
        {(code === 'signedOut' || code === 'otherUser') && (
          <Link href={signInPath} className="button button-primary">
            {words.signIn}
          </Link>
        )}
        {code === 'otherHistory' && (
          <button
            type="button"
            className="button button-primary"
            disabled={merging === 'merging'}
            onClick={() => void merge()}
          >
            {words.merge}
          </button>
        )}
        <TakeText onCopy={onCopy} onDownload={onDownload} />
      </div>
    </section>
  );
}
