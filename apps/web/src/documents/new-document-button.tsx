/** Creates a document and opens it at once: nothing to fill in before writing. */
import { useState } from 'react';
import { messages } from '../messages.ts';
import { navigate } from '../routes.ts';
import { PlusIcon } from '../ui/icons.tsx';
import { useNotify } from '../ui/notify.tsx';
import { ApiError, createDocument } from './api.ts';

export function NewDocumentButton(props: {
  readonly isCompact?: boolean;
  /** In which it is put; empty for none. */
  readonly folder?: string;
}) {
  const { isCompact = false, folder = '' } = props;
  const notify = useNotify();
  const [isCreating, setIsCreating] = useState(false);

  const create = async (): Promise<void> => {
    setIsCreating(true);
    try {
      const { url } = await createDocument(folder === '' ? {} : { folder });
      navigate(url, { state: { isNew: true } });
    } catch (error) {
      const isForAccounts = error instanceof ApiError && error.code === 'accountNeeded';
      const { accountNeeded, createFailed, createFailedDetail } = messages.documents;
      notify(isForAccounts ? accountNeeded : `${createFailed} ${createFailedDetail}`);
    } finally {
      setIsCreating(false);
    }
  };

  const label = messages.documents.newDocument;
  return (
    <button
      type="button"
      className={isCompact ? 'icon-button new-document-compact' : 'button button-primary'}
      aria-label={label}
      title={isCompact ? label : undefined}
      disabled={isCreating}
      onClick={() => void create()}
    >
      <PlusIcon />
      {!isCompact && <span>{label}</span>}
    </button>
  );
}
