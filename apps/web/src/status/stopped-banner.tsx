/** The client stopped for good: what happened, what is safe, and the text to take along. */
import { useState } from 'react';
import { wordsOfCode } from '../forms/problem-text.ts';
import { messages } from '../i18n/messages.ts';
import { Link } from '../ui/link.tsx';
import { KeepAsNewButton } from './keep-as-new-button.tsx';
import { TakeText } from './take-text.tsx';

const words = messages.stopped;

interface Explanation {
  readonly heading: string;
  readonly body: string;
}

/** What happened, in words where we have them; the server's own otherwise. Pure. */
export function explainStop(code: string, detail: string): Explanation {
  if (code === 'accessRevoked' || code === 'signedOut' || code === 'otherUser') return words[code];
  const reasons: Readonly<Record<string, string>> = words.reasons;
  return {
    heading: words.heading,
    body: `${reasons[code] ?? wordsOfCode(code) ?? detail} ${words.safe}`,
  };
}

export function StoppedBanner(props: {
  readonly code: string;
  readonly detail: string;
  /** Where to sign in, and to come back from. */
  readonly signInPath: string;
  /** Puts the text into a new document. Resolves with what went wrong, or null. */
  readonly onKeep: () => Promise<string | null>;
  readonly onCopy: () => void;
  readonly onDownload: () => void;
}) {
  const { code, detail, signInPath, onKeep, onCopy, onDownload } = props;
  const [problem, setProblem] = useState<string | null>(null);
  const { heading, body } = explainStop(code, detail);
  return (
    <section className="notice notice-warning" role="alert">
      <div className="notice-text">
        <h2>{heading}</h2>
        <p>{body}</p>
        {problem !== null && (
          <p className="field-error" role="alert">
            {problem}
          </p>
        )}
      </div>
      <div className="notice-actions">
        {(code === 'signedOut' || code === 'otherUser') && (
          <Link href={signInPath} className="button button-primary">
            {words.signIn}
          </Link>
        )}
        {code === 'notFound' && (
          // It may have been made after the backup that the server was restored from.
          <KeepAsNewButton isPrimary onKeep={onKeep} onProblem={setProblem} />
        )}
        <TakeText onCopy={onCopy} onDownload={onDownload} />
      </div>
    </section>
  );
}
