/** Signs out and removes the person's documents from this device; warns of unsent edits. */
import { unsentDocuments } from '@concord/client/browser';
import { useEffect, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { removeFromDevice } from '../device/remove-from-device.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notify.tsx';
import { signOut } from '../identity/account-store.ts';

const words = messages.account;

export function SignOutDialog({ onClose }: { readonly onClose: () => void }) {
  const notify = useNotify();
  /** Number of documents with unsent edits; null until it is known. */
  const [unsent, setUnsent] = useState<number | null>(null);
  const [isRemoving, setIsRemoving] = useState(true);
  const [alsoUnsent, setAlsoUnsent] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  useEffect(() => {
    void unsentDocuments().then(setUnsent);
  }, []);
  const leave = async (): Promise<void> => {
    setIsBusy(true);
    try {
      const userId = await signOut();
      if (isRemoving && userId !== null) await removeFromDevice(userId, { alsoUnsent });
      location.assign('/');
    } catch {
      notify(words.signOutFailed);
      onClose();
    }
  };
  if (unsent === null) return null;
  return (
    <Dialog heading={unsent > 0 ? words.unsentHeading : words.signOut} onClose={onClose}>
      {(close) => (
        <>
          {unsent > 0 && <p>{words.unsentBody}</p>}
          <Checkbox label={words.removeFromDevice} isOn={isRemoving} onChange={setIsRemoving} />
          <p className="menu-note">{words.removeFromDeviceHint}</p>
          {unsent > 0 && isRemoving && (
            <Checkbox label={words.alsoUnsent} isOn={alsoUnsent} onChange={setAlsoUnsent} />
          )}
          <div className="dialog-actions">
            <button type="button" className="button" onClick={close}>
              {words.stay}
            </button>
            <button
              type="button"
              className={unsent > 0 ? 'button button-danger' : 'button button-primary'}
              data-focus-first
              disabled={isBusy}
              onClick={() => void leave()}
            >
              {unsent > 0 ? words.signOutAnyway : words.signOut}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

interface CheckboxProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

function Checkbox({ label, isOn, onChange }: CheckboxProps) {
  return (
    <label className="checkbox">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
