/** Creates a document and opens it at once, without a form. */
import { useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { PlusIcon } from '../ui/icons.tsx';
import { useNotify } from '../ui/notify.tsx';
import { ApiError } from '../http/api.ts';
import { beginDocument } from './new-document.ts';

export function NewDocumentButton(props: {
  readonly isCompact?: boolean;
  /** Folder of the new document; empty for none. */
  readonly folder?: string;
}) {
  const { isCompact = false, folder = '' } = props;
  const notify = useNotify();
  const [isCreating, setIsCreating] = useState(false);

  const create = async (): Promise<void> => {
    setIsCreating(true);
    try {
      await beginDocument(folder);
    } catch (error) {
      const isForAccounts = error instanceof ApiError && error.code === 'accountNeeded';
      const { accountNeeded, createFailed, createFailedDetail } = messages.documents;
      notify(isForAccounts ? accountNeeded : `${createFailed} ${createFailedDetail}`);
    } finally {
      setIsCreating(false);
    }
  };

  const label = messages.documents.newDocument;
  if (isCompact) {
    return (
      <IconButton
        label={label}
        className="icon-button new-document-compact"
        disabled={isCreating}
        onClick={() => void create()}
      >
        <PlusIcon />
      </IconButton>
    );
  }
  return (
    <button
      type="button"
      className="button button-primary"
      aria-label={label}
      disabled={isCreating}
      onClick={() => void create()}
    >
      <PlusIcon />
      <span>{label}</span>
    </button>
  );
}
