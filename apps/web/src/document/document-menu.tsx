/** Menu of the less frequent actions on a whole document. */
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
import type { MenuEntry } from '../ui/layers.ts';
import { MenuButton } from '../ui/menu-button.tsx';

interface DocumentMenuProps {
  readonly words: string;
  readonly onCopyText: () => void;
  readonly onDownload: () => void;
  readonly onKeySheet: () => void;
}

export function DocumentMenu({ words, onCopyText, onDownload, onKeySheet }: DocumentMenuProps) {
  const entries: readonly MenuEntry[] = [
    {
      // Wide pages show this as a button beside the menu.
      label: messages.documents.newDocument,
      icon: <PlusIcon />,
      className: 'only-on-phones',
      onSelect: () => navigate('/new'),
    },
    { label: messages.document.copyText, icon: <CopyIcon />, onSelect: onCopyText },
    { label: messages.document.downloadMarkdown, icon: <DownloadIcon />, onSelect: onDownload },
    { label: messages.document.print, icon: <PrintIcon />, onSelect: () => print() },
    { label: messages.keys.open, icon: <KeyboardIcon />, onSelect: onKeySheet },
  ];
  return (
    <MenuButton
      id="document-menu"
      label={messages.document.more}
      className="icon-button"
      entries={entries}
      note={words === '' ? undefined : words}
    >
      <MoreIcon />
    </MenuButton>
  );
}
