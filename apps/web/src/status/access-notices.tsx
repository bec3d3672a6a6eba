/** Notices of a document's page in read-only access: what is kept, and what can be done. */
import { TRASH_DAYS } from '@concord/protocol';
import { useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { TakeText } from './take-text.tsx';

const DAY_MS = 24 * 60 * 60 * 1_000;
const words = messages.document;

/** Unsent edits were made before write permission was withdrawn: they are stored on this device. */
export function KeptNotice(props: {
  readonly unsent: number;
  readonly onCopy: () => void;
  readonly onDownload: () => void;
}) {
  const { unsent, onCopy, onDownload } = props;
  return (
    <section className="notice" aria-live="polite">
      <div className="notice-text">
        <h2>{words.keptHeading}</h2>
        <p>{words.kept(unsent)}</p>
      </div>
      <div className="notice-actions">
        <TakeText onCopy={onCopy} onDownload={onDownload} />
      </div>
    </section>
  );
}

/** Whole days until a document in the trash is deleted permanently. Pure. */
export function daysLeft(trashedAt: number, now: number): number {
  return Math.max(0, Math.ceil((trashedAt + TRASH_DAYS * DAY_MS - now) / DAY_MS));
}

export function TrashedBanner(props: {
  readonly trashedAt: number;
  /** Resolves with false on failure. */
  readonly onRestore: () => Promise<boolean>;
}) {
  const { trashedAt, onRestore } = props;
  const [now] = useState(Date.now);
  const [state, setState] = useState<'ready' | 'restoring' | 'failed'>('ready');
  const restore = async (): Promise<void> => {
    setState('restoring');
    setState((await onRestore()) ? 'ready' : 'failed');
  };
  return (
    <section className="notice notice-warning">
      <div className="notice-text">
        <h2>{words.trashedHeading}</h2>
        <p>{words.trashed(daysLeft(trashedAt, now))}</p>
        {state === 'failed' && (
          <p className="field-error" role="alert">
            {words.restoreFailed}
          </p>
        )}
      </div>
      <div className="notice-actions">
        <button
          type="button"
          className="button"
          disabled={state === 'restoring'}
          onClick={() => void restore()}
        >
          {words.restore}
        </button>
      </div>
    </section>
  );
}
