/** Opens the share dialog, which is loaded on demand. */
import type { DocumentId, Role } from '@concord/protocol';
import { lazy, Suspense, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { LoadBoundary } from '../ui/load-boundary.tsx';
import { ShareIcon } from '../ui/icons.tsx';

const ShareDialog = lazy(async () => {
  const { ShareDialog: Dialog } = await import('./share-dialog.tsx');
  return { default: Dialog };
});

export function ShareButton(props: {
  readonly documentId: DocumentId;
  readonly title: string;
  readonly role: Role | null;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const label = messages.sharing.share;
  return (
    <>
      <button
        type="button"
        className="button button-primary share-button"
        aria-label={label}
        aria-haspopup="dialog"
        onClick={() => setIsOpen(true)}
      >
        <ShareIcon />
        <span>{label}</span>
      </button>
      {isOpen && (
        <LoadBoundary onFailed={() => setIsOpen(false)}>
          <Suspense fallback={null}>
            <ShareDialog {...props} onClose={() => setIsOpen(false)} />
          </Suspense>
        </LoadBoundary>
      )}
    </>
  );
}
