/** The client stopped permanently: what happened, what is safe, and how to take the text along. */
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

/** The app's text for the code, else the server's message. Pure. */
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
  /** Path of the sign-in page that returns to this document. */
  readonly signInPath: string;
  /** Saves the text as a new document. Resolves with the problem, or null. */
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
          // The document may have been created after the backup from which the server was restored.
          <KeepAsNewButton isPrimary onKeep={onKeep} onProblem={setProblem} />
        )}
        <TakeText onCopy={onCopy} onDownload={onDownload} />
      </div>
    </section>
  );
}
