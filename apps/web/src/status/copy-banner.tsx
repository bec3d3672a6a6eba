/**
 * The local text cannot be synchronized with the server's, because a backup was restored or because it is unknown which
 * edits were sent: what happened, what is safe, and what can be done with the copy.
 */
import { lazy, Suspense, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { LoadBoundary } from '../ui/load-boundary.tsx';
import type { CopyCode } from './copy-code.ts';
import { KeepAsNewButton } from './keep-as-new-button.tsx';
import { TakeText } from './take-text.tsx';

const words = messages.stopped.copy;

const ConfirmDialog = lazy(async () => {
  const { ConfirmDialog: Dialog } = await import('../ui/confirm-dialog.tsx');
  return { default: Dialog };
});

export function CopyBanner(props: {
  readonly code: CopyCode;
  /** Whether the person has write permission, as far as known. */
  readonly mayWrite: boolean;
  /**
   * Continues with the server's text; merges the copy into it if the person may write and does not discard the copy.
   * Resolves with false on failure.
   */
  readonly onMerge: (isDiscarded: boolean) => Promise<boolean>;
  readonly onKeep: () => Promise<string | null>;
  readonly onCopy: () => void;
  readonly onDownload: () => void;
}) {
  const { code, mayWrite, onMerge, onKeep, onCopy, onDownload } = props;
  const [isMerging, setIsMerging] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const merge = async (isDiscarded: boolean): Promise<void> => {
    setIsMerging(true);
    setProblem(null);
    const isDone = await onMerge(isDiscarded);
    setIsMerging(false);
    if (!isDone) setProblem(words.failed);
  };
  return (
    <section className="notice notice-warning" role="alert">
      <div className="notice-text">
        <h2>{messages.stopped[code].heading}</h2>
        <p>{messages.stopped[code].body}</p>
        <p>{mayWrite ? words.mayWrite : words.mayNotWrite}</p>
        {problem !== null && (
          <p className="field-error" role="alert">
            {problem}
          </p>
        )}
      </div>
      <div className="notice-actions">
        {mayWrite && (
          <button
            type="button"
            className="button button-primary"
            disabled={isMerging}
            onClick={() => void merge(false)}
          >
            {words.merge}
          </button>
        )}
        <KeepAsNewButton isPrimary={!mayWrite} onKeep={onKeep} onProblem={setProblem} />
        <TakeText onCopy={onCopy} onDownload={onDownload} />
        {(!mayWrite || code === 'overtaken') && (
          <button
            type="button"
            className="button"
            disabled={isMerging}
            onClick={() => setIsAsking(true)}
          >
            {words.replace}
          </button>
        )}
      </div>
      {isAsking && (
        <LoadBoundary onFailed={() => setIsAsking(false)}>
          <Suspense fallback={null}>
            <ConfirmDialog
              heading={words.replaceHeading}
              body={words.replaceBody}
              confirm={words.replaceConfirm}
              onConfirm={() => void merge(true)}
              onClose={() => setIsAsking(false)}
            />
          </Suspense>
        </LoadBoundary>
      )}
    </section>
  );
}
