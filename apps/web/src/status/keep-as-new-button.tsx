/** Saves a text that may exist only on this device as a new document. */
import { useState } from 'react';
import { messages } from '../i18n/messages.ts';

export function KeepAsNewButton(props: {
  readonly isPrimary: boolean;
  /** Saves and opens the new document. Resolves with the problem, or null. */
  readonly onKeep: () => Promise<string | null>;
  /** Called with the problem, or with null when it is tried again. */
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
