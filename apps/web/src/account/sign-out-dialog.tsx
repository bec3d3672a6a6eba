/** Signs out, after a warning when this device has changes that the server does not have. */
import { unsentDocuments } from '@concord/client/browser';
import { useEffect, useState } from 'react';
import { messages } from '../messages.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.tsx';
import { signOut } from './account-store.ts';

const words = messages.account;

export function SignOutDialog({ onClose }: { readonly onClose: () => void }) {
  const notify = useNotify();
  const [isAsking, setIsAsking] = useState(false);
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      location.assign('/');
    } catch {
      notify(words.signOutFailed);
      onClose();
    }
  };
  useEffect(() => {
    void unsentDocuments().then((count) => (count === 0 ? leave() : setIsAsking(true)));
    // Once: the answer decides what is shown.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  if (!isAsking) return null;
  return (
    <Dialog heading={words.unsentHeading} onClose={onClose}>
      {(close) => (
        <>
          <p>{words.unsentBody}</p>
          <div className="dialog-actions">
            <button type="button" className="button" data-focus-first onClick={close}>
              {words.stay}
            </button>
            <button type="button" className="button button-danger" onClick={() => void leave()}>
              {words.signOutAnyway}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
