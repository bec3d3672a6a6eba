/** A native modal dialog: Esc, the inert page behind it, and the focus that returns come with it. */
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import { CloseIcon } from './icons.tsx';
import './dialog.css';

export function Dialog(props: {
  readonly heading: string;
  /** A narrow one asks a question; a wide one is a sheet over the whole page on phones. */
  readonly isWide?: boolean;
  /** The dialog is gone: the one who rendered it takes it out of the page. */
  readonly onClose: () => void;
  /** `close` closes it as Esc does. */
  readonly children: (close: () => void) => ReactNode;
}) {
  const { heading, isWide = false, onClose, children } = props;
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element === null || element.open) return;
    element.showModal();
    // React's autoFocus comes before a dialog can have the focus.
    element.querySelector<HTMLElement>('[data-focus-first]')?.focus();
  }, []);
  const close = (): void => {
    const element = document.getElementById(`${id}-dialog`);
    if (element instanceof HTMLDialogElement) element.close();
  };
  return (
    <dialog
      ref={dialog}
      id={`${id}-dialog`}
      className={isWide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={id}
      onClose={(event) => {
        // Dialogs within this one have their own end.
        if (event.target === event.currentTarget) onClose();
      }}
      // A press beside the dialog arrives at the dialog itself.
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) close();
      }}
    >
      <div className="dialog-content">
        <header className="dialog-header">
          <h2 id={id}>{heading}</h2>
          <button
            type="button"
            className="icon-button"
            aria-label={messages.document.close}
            onClick={close}
          >
            <CloseIcon />
          </button>
        </header>
        {children(close)}
      </div>
    </dialog>
  );
}
