/** What one may do with a document in the list; in the trash, two other things; without the server, one. */
import type { KeptDocument } from '@concord/client/browser';
import { may, type ListedDocument } from '@concord/protocol';
import type { ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import { KeptIcon } from '../offline/offline-icons.tsx';
import { offlineMessages } from '../offline/offline-messages.ts';
import { FolderIcon, MoreIcon, StarIcon, TrashIcon, UndoIcon } from '../ui/icons.tsx';
import { Popover } from '../ui/popover.tsx';
import { titleOf } from './use-library-actions.ts';

export interface RowActions {
  readonly onStar: (document: ListedDocument) => void;
  readonly onMove: (document: ListedDocument) => void;
  readonly onTrash: (document: ListedDocument) => void;
  readonly onRestore: (document: ListedDocument) => void;
  readonly onDelete: (document: ListedDocument) => void;
  /** Whether it is to stay on this device. */
  readonly onKeep: (document: ListedDocument, isKept: boolean) => void;
}

interface RowState {
  readonly document: ListedDocument;
  /** What this device has of it; undefined for nothing. */
  readonly kept: KeptDocument | undefined;
  /** The server cannot be asked, or does not know it yet. */
  readonly isOffline: boolean;
}

type Action = readonly [label: string, icon: ReactNode, act: (document: ListedDocument) => void];

const words = messages.documents;
const offlineWords = offlineMessages.list;

function actionsFor(
  { document, kept, isOffline }: RowState,
  actions: RowActions,
): readonly Action[] {
  const isKept = kept?.isKeptOffline === true;
  const keep: Action = [
    isKept ? offlineWords.keepNot : offlineWords.keep,
    <KeptIcon key="icon" />,
    () => actions.onKeep(document, !isKept),
  ];
  // What is not here cannot be had now; what was made here stays here until the server has it.
  if (isOffline) return kept === undefined || kept.isNew ? [] : [keep];
  if (document.trashedAt !== null) {
    return [
      [words.restore, <UndoIcon key="icon" />, actions.onRestore],
      [words.deletePermanently, <TrashIcon key="icon" />, actions.onDelete],
    ];
  }
  return [
    [document.starred ? words.removeStar : words.addStar, <StarIcon key="icon" />, actions.onStar],
    [words.moveToFolder, <FolderIcon key="icon" />, actions.onMove],
    keep,
    // Others may leave a document, in its share dialog; only owners delete it.
    ...(may(document.role, 'delete')
      ? [[words.moveToTrash, <TrashIcon key="icon" />, actions.onTrash] as const]
      : []),
  ];
}

export function DocumentRowMenu(props: RowState & { readonly actions: RowActions }) {
  const { document, actions } = props;
  const offered = actionsFor(props, actions);
  if (offered.length === 0) return null;
  const label = words.actionsOf(titleOf(document));
  return (
    <Popover label={label} buttonClass="icon-button" button={<MoreIcon />} panelLabel={label}>
      {(close) =>
        offered.map(([text, icon, act]) => (
          <button
            key={text}
            type="button"
            className="menu-item"
            onClick={() => {
              close();
              act(document);
            }}
          >
            {icon}
            {text}
          </button>
        ))
      }
    </Popover>
  );
}
