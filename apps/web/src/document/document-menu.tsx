/** What one does with a document as a whole, now and then. */
import type { ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import {
  CopyIcon,
  DownloadIcon,
  KeyboardIcon,
  MoreIcon,
  PlusIcon,
  PrintIcon,
} from '../ui/icons.tsx';
import { navigate } from '../navigation/routes.ts';
import { Popover } from '../ui/popover.tsx';

interface DocumentMenuProps {
  readonly words: string;
  readonly onCopyText: () => void;
  readonly onDownload: () => void;
  readonly onKeySheet: () => void;
}

type Action = readonly [label: string, icon: ReactNode, act: () => void, className?: string];

export function DocumentMenu({ words, onCopyText, onDownload, onKeySheet }: DocumentMenuProps) {
  const actions: readonly Action[] = [
    // On wide pages this is a button beside the menu.
    [
      messages.documents.newDocument,
      <PlusIcon key="icon" />,
      () => navigate('/new'),
      'only-on-phones',
    ],
    [messages.document.copyText, <CopyIcon key="icon" />, onCopyText],
    [messages.document.downloadMarkdown, <DownloadIcon key="icon" />, onDownload],
    [messages.document.print, <PrintIcon key="icon" />, () => print()],
    [messages.keys.open, <KeyboardIcon key="icon" />, onKeySheet],
  ];
  return (
    <Popover
      label={messages.document.more}
      buttonClass="icon-button"
      button={<MoreIcon />}
      panelLabel={messages.document.more}
    >
      {(close) => (
        <>
          {actions.map(([label, icon, act, className = '']) => (
            <button
              key={label}
              type="button"
              className={`menu-item ${className}`}
              onClick={() => {
                close();
                act();
              }}
            >
              {icon}
              {label}
            </button>
          ))}
          <p className="menu-note">{words}</p>
        </>
      )}
    </Popover>
  );
}
