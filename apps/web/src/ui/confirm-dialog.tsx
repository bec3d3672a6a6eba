/** Confirms an irreversible action; Cancel has the focus. */
import { messages } from '../i18n/messages.ts';
import { Dialog } from './dialog.tsx';

export function ConfirmDialog(props: {
  readonly heading: string;
  readonly body: string;
  /** Label of the confirming button. */
  readonly confirm: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  const { heading, body, confirm, onConfirm, onClose } = props;
  return (
    <Dialog heading={heading} onClose={onClose}>
      {(close) => (
        <>
          <p className="dialog-body">{body}</p>
          <div className="dialog-actions">
            <button type="button" className="button" data-focus-first onClick={close}>
              {messages.documents.cancel}
            </button>
            <button
              type="button"
              className="button button-danger"
              onClick={() => {
                close();
                onConfirm();
              }}
            >
              {confirm}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
