/** Creates a document and opens it at once: nothing to fill in before writing. */
import { useState } from 'react';
import { messages } from '../messages.ts';
import { navigate } from '../routes.ts';
import { PlusIcon } from '../ui/icons.tsx';
import { useNotify } from '../ui/notify.tsx';
import { createDocument } from './api.ts';

export function NewDocumentButton({ isCompact = false }: { readonly isCompact?: boolean }) {
  const notify = useNotify();
  const [isCreating, setIsCreating] = useState(false);

  const create = async (): Promise<void> => {
    setIsCreating(true);
    try {
      const { url } = await createDocument();
      navigate(url, { state: { isNew: true } });
    } catch {
      notify(`${messages.documents.createFailed} ${messages.documents.createFailedDetail}`);
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
