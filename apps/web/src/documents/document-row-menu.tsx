/** What one may do with a document in the list; in the trash, two other things. */
import type { ListedDocument } from '@concord/protocol';
import type { ReactNode } from 'react';
import { messages } from '../messages.ts';
import { FolderIcon, MoreIcon, StarIcon, TrashIcon, UndoIcon } from '../ui/icons.tsx';
import { Popover } from '../ui/popover.tsx';
import { titleOf } from './use-library-actions.ts';

export interface RowActions {
  readonly onStar: (document: ListedDocument) => void;
  readonly onMove: (document: ListedDocument) => void;
  readonly onTrash: (document: ListedDocument) => void;
  readonly onRestore: (document: ListedDocument) => void;
  readonly onDelete: (document: ListedDocument) => void;
}

type Action = readonly [label: string, icon: ReactNode, act: (document: ListedDocument) => void];

const words = messages.documents;

function actionsFor(document: ListedDocument, actions: RowActions): readonly Action[] {
  if (document.trashedAt !== null) {
    return [
      [words.restore, <UndoIcon key="icon" />, actions.onRestore],
      [words.deleteForEver, <TrashIcon key="icon" />, actions.onDelete],
    ];
  }
  return [
    [document.starred ? words.removeStar : words.addStar, <StarIcon key="icon" />, actions.onStar],
    [words.moveToFolder, <FolderIcon key="icon" />, actions.onMove],
    // Others may leave a document, in its share dialog; only owners delete it.
    ...(document.role === 'owner'
      ? [[words.moveToTrash, <TrashIcon key="icon" />, actions.onTrash] as const]
      : []),
  ];
}

export function DocumentRowMenu(props: {
  readonly document: ListedDocument;
  readonly actions: RowActions;
}) {
  const { document, actions } = props;
  const label = words.actionsOf(titleOf(document));
  return (
    <Popover label={label} buttonClass="icon-button" button={<MoreIcon />} panelLabel={label}>
      {(close) =>
        actionsFor(document, actions).map(([text, icon, act]) => (
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
