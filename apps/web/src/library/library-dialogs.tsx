/** Dialogs of the list: moving to a folder, and confirming a permanent deletion. Loaded when opened. */
import { FOLDER_CHARACTERS, type FolderList, type ListedDocument } from '@concord/protocol';
import { useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FolderIcon } from '../ui/icons.tsx';
import { titleOf } from './use-library-actions.ts';

const words = messages.documents;

export function FolderDialog(props: {
  readonly document: ListedDocument;
  readonly folders: FolderList['folders'];
  /** @param folder empty for none */
  readonly onMove: (folder: string) => void;
  readonly onClose: () => void;
}) {
  const { document, folders, onMove, onClose } = props;
  const [name, setName] = useState('');
  return (
    <Dialog heading={words.folderHeading} onClose={onClose}>
      {(close) => {
        const move = (folder: string): void => {
          close();
          onMove(folder);
        };
        return (
          <>
            <p className="dialog-body">{words.folderOf(titleOf(document))}</p>
            {(folders.length > 0 || document.folder !== '') && (
              <ul className="folder-choices">
                {['', ...folders.map((folder) => folder.name)].map((folder) => (
                  <li key={folder}>
                    <button
                      type="button"
                      className="menu-item"
                      aria-current={folder === document.folder}
                      onClick={() => move(folder)}
                    >
                      <FolderIcon />
                      <span>{folder === '' ? words.noFolder : folder}</span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (name.trim() !== '') move(name.trim());
              }}
            >
              <label>
                <span className="field-label">{words.newFolder}</span>
                <input
                  className="field"
                  value={name}
                  maxLength={FOLDER_CHARACTERS}
                  autoComplete="off"
                  enterKeyHint="done"
                  data-focus-first
                  onChange={(event) => setName(event.currentTarget.value)}
                />
              </label>
              <div className="dialog-actions">
                <button type="button" className="button" onClick={close}>
                  {words.cancel}
                </button>
                <button
                  type="submit"
                  className="button button-primary"
                  disabled={name.trim() === ''}
                >
                  {words.move}
                </button>
              </div>
            </form>
          </>
        );
      }}
    </Dialog>
  );
}

export function DeleteDialog(props: {
  readonly document: ListedDocument;
  readonly onDelete: () => void;
  readonly onClose: () => void;
}) {
  const { document, onDelete, onClose } = props;
  return (
    <ConfirmDialog
      heading={words.deleteHeading}
      body={words.deleteBody(titleOf(document))}
      confirm={words.deleteConfirm}
      onConfirm={onDelete}
      onClose={onClose}
    />
  );
}
