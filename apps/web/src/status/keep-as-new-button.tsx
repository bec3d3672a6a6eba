/** For a text that may be on this device alone: a document of one's own with it. */
import { useState } from 'react';
import { messages } from '../i18n/messages.ts';

export function KeepAsNewButton(props: {
  readonly isPrimary: boolean;
  /** Opens the new document. Resolves with what went wrong, or null. */
  readonly onKeep: () => Promise<string | null>;
  /** Told what went wrong, or null when it is tried again. */
  readonly onProblem: (problem: string | null) => void;
}) {
  const { isPrimary, onKeep, onProblem } = props;
  const [isBusy, setIsBusy] = useState(false);
  const keep = async (): Promise<void> => {
    setIsBusy(true);
    onProblem(null);
    const problem = await onKeep();
    setIsBusy(false);
    onProblem(problem);
  };
  return (
    <button
      type="button"
      className={isPrimary ? 'button button-primary' : 'button'}
      disabled={isBusy}
      onClick={() => void keep()}
    >
      {messages.stopped.keepAsNew}
    </button>
  );
}
