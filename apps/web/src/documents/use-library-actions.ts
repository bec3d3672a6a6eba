/** What one does with a document in the list: shown at once, and taken back when the server refuses. */
import type { ListedDocument } from '@concord/protocol';
import { useMemo } from 'react';
import { messages } from '../messages.ts';
import { problemText } from '../sharing/problem-text.ts';
import { useNotify } from '../ui/notify.tsx';
import { deleteForEver, moveToTrash, organize, restoreDocument } from './library-api.ts';
import type { LibraryPlace } from './library-place.ts';
import type { Library } from './use-library.ts';

/** None of them rejects: what went wrong is said to the person. */
export interface LibraryActions {
  readonly setStarred: (document: ListedDocument, starred: boolean) => Promise<void>;
  /** @param folder empty for none */
  readonly move: (document: ListedDocument, folder: string) => Promise<void>;
  readonly trash: (document: ListedDocument) => Promise<void>;
  readonly restore: (document: ListedDocument) => Promise<void>;
  readonly deleteForEver: (document: ListedDocument) => Promise<void>;
}

const words = messages.documents;

export function titleOf({ title }: Pick<ListedDocument, 'title'>): string {
  return title === '' ? words.untitled : title;
}

export function useLibraryActions(
  { view, folder: shownFolder }: LibraryPlace,
  { change, refresh }: Pick<Library, 'change' | 'refresh'>,
  refreshFolders: () => void,
): LibraryActions {
  const notify = useNotify();
  return useMemo((): LibraryActions => {
    /** True when it went well; else the list is read anew, so that it shows what is. */
    const attempt = async (work: Promise<unknown>): Promise<boolean> => {
      try {
        await work;
        return true;
      } catch (error) {
        notify(problemText(error));
        refresh();
        return false;
      } finally {
        refreshFolders();
      }
    };
    const restore = async (document: ListedDocument): Promise<void> => {
      if (!(await attempt(restoreDocument(document.id)))) return;
      notify(words.restored(titleOf(document)));
    };
    return {
      setStarred: async (document, starred) => {
        // In the list of stars it stays until one leaves: a slip is taken back with the same button.
        change(document.id, { starred });
        await attempt(organize(document.id, { starred }));
      },
      move: async (document, folder) => {
        const isLeaving = shownFolder !== null && shownFolder !== folder;
        change(document.id, isLeaving ? null : { folder });
        if (await attempt(organize(document.id, { folder }))) notify(words.movedTo(folder));
      },
      trash: async (document) => {
        change(document.id, null);
        if (!(await attempt(moveToTrash(document.id)))) return;
        notify(words.movedToTrash(titleOf(document)), {
          label: words.undo,
          act: () => void restore(document).then(refresh),
        });
      },
      restore: async (document) => {
        if (view === 'trash') change(document.id, null);
        await restore(document);
      },
      deleteForEver: async (document) => {
        change(document.id, null);
        if (await attempt(deleteForEver(document.id))) notify(words.deleted(titleOf(document)));
      },
    };
  }, [notify, change, refresh, refreshFolders, view, shownFolder]);
}
