/** A modal dialog. Base UI handles Esc, a press outside, the inert page behind it, and restoring the focus. */
import { Dialog as Base } from '@base-ui/react/dialog';
import { useRef, useState, type ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import { CloseIcon } from './icons.tsx';
import './dialog.css';

export function Dialog(props: {
  readonly heading: string;
  /** Narrow dialogs ask a question; wide ones fill the whole page on phones. */
  readonly isWide?: boolean;
  readonly className?: string;
  /** Called after closing: the parent must unmount the dialog. */
  readonly onClose: () => void;
  /** `close` closes it as Esc does. */
  readonly children: (close: () => void) => ReactNode;
}) {
  const { heading, isWide = false, className = '', onClose, children } = props;
  const [isOpen, setIsOpen] = useState(true);
  const popup = useRef<HTMLDivElement>(null);
  const close = (): void => setIsOpen(false);
  return (
    <Base.Root
      open={isOpen}
      onOpenChange={setIsOpen}
      onOpenChangeComplete={(isOpenNow) => {
        if (!isOpenNow) onClose();
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="dialog-backdrop" />
        <Base.Popup
          ref={popup}
          className={`dialog ${isWide ? 'dialog-wide' : ''} ${className}`}
          initialFocus={() =>
            popup.current?.querySelector<HTMLElement>('[data-focus-first]') ?? true
          }
        >
          <div className="dialog-content">
            <header className="dialog-header">
              <Base.Title>{heading}</Base.Title>
              <Base.Close className="icon-button" aria-label={messages.document.close}>
                <CloseIcon />
              </Base.Close>
            </header>
            {children(close)}
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
