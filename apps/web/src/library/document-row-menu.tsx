/** Menu of a listed document; other entries in the trash, and only the offline pin without the server. */
import type { KeptDocument } from '@concord/client/browser';
import { may, type ListedDocument } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { KeptIcon } from '../offline/offline-icons.tsx';
import { offlineMessages } from '../offline/offline-messages.ts';
import { FolderIcon, MoreIcon, StarIcon, TrashIcon, UndoIcon } from '../ui/icons.tsx';
import type { MenuEntry } from '../ui/layers.ts';
import { MenuButton } from '../ui/menu-button.tsx';
import { titleOf } from './use-library-actions.ts';

export interface RowActions {
  readonly onStar: (document: ListedDocument) => void;
  readonly onMove: (document: ListedDocument) => void;
  readonly onTrash: (document: ListedDocument) => void;
  readonly onRestore: (document: ListedDocument) => void;
  readonly onDelete: (document: ListedDocument) => void;
  /** Pins or unpins the document for offline use. */
  readonly onKeep: (document: ListedDocument, isKept: boolean) => void;
}

interface RowState {
  readonly document: ListedDocument;
  /** The document on this device; undefined if it is not stored. */
  readonly kept: KeptDocument | undefined;
  /** The server is unreachable, or does not have the document yet. */
  readonly isOffline: boolean;
}

const words = messages.documents;
const offlineWords = offlineMessages.list;

function entriesFor(
  { document, kept, isOffline }: RowState,
  actions: RowActions,
): readonly MenuEntry[] {
  const isKept = kept?.isKeptOffline === true;
  const keep: MenuEntry = {
    label: isKept ? offlineWords.keepNot : offlineWords.keep,
    icon: <KeptIcon />,
    onSelect: () => actions.onKeep(document, !isKept),
  };
  // Offline, a document that is not stored cannot be fetched, and a new one stays until the server has it.
  if (isOffline) return kept === undefined || kept.isNew ? [] : [keep];
  if (document.trashedAt !== null) {
    return [
      { label: words.restore, icon: <UndoIcon />, onSelect: () => actions.onRestore(document) },
      {
        label: words.deletePermanently,
        icon: <TrashIcon />,
        onSelect: () => actions.onDelete(document),
      },
    ];
  }
  const moveToTrash: MenuEntry = {
    label: words.moveToTrash,
    icon: <TrashIcon />,
    onSelect: () => actions.onTrash(document),
  };
  return [
    {
      label: document.starred ? words.removeStar : words.addStar,
      icon: <StarIcon />,
      onSelect: () => actions.onStar(document),
    },
    { label: words.moveToFolder, icon: <FolderIcon />, onSelect: () => actions.onMove(document) },
    keep,
    // Others can leave a document in its share dialog; only owners delete it.
    ...(may(document.role, 'delete') ? [moveToTrash] : []),
  ];
}

export function DocumentRowMenu(props: RowState & { readonly actions: RowActions }) {
  const { document, actions } = props;
  const entries = entriesFor(props, actions);
  if (entries.length === 0) return null;
  return (
    <MenuButton
      id={`menu-${document.id}`}
      label={words.actionsOf(titleOf(document))}
      className="icon-button"
      entries={entries}
    >
      <MoreIcon />
    </MenuButton>
  );
}
