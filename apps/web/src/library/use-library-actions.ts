/**
 * Actions on a listed document: applied optimistically, and reverted when the server refuses, since every list overlays
 * the pending changes (own-changes.ts).
 */
import type { ListedDocument } from '@concord/protocol';
import { useMemo } from 'react';
import { messages } from '../i18n/messages.ts';
import { problemText } from '../forms/problem-text.ts';
import { useNotify } from '../ui/notify.tsx';
import { deletePermanently, moveToTrash, organize, restoreDocument } from './library-api.ts';

/** None of them rejects: problems are shown as a notification. */
export interface LibraryActions {
  readonly setStarred: (document: ListedDocument, starred: boolean) => Promise<void>;
  /** @param folder empty for none */
  readonly move: (document: ListedDocument, folder: string) => Promise<void>;
  readonly trash: (document: ListedDocument) => Promise<void>;
  readonly restore: (document: ListedDocument) => Promise<void>;
  readonly deletePermanently: (document: ListedDocument) => Promise<void>;
}

const words = messages.documents;

export function titleOf({ title }: Pick<ListedDocument, 'title'>): string {
  return title === '' ? words.untitled : title;
}

export function useLibraryActions(): LibraryActions {
  const notify = useNotify();
  return useMemo((): LibraryActions => {
    /** Resolves with true on success. */
    const attempt = async (work: Promise<unknown>): Promise<boolean> => {
      try {
        await work;
        return true;
      } catch (error) {
        notify(problemText(error));
        return false;
      }
    };
    const restore = async (document: ListedDocument): Promise<void> => {
      if (!(await attempt(restoreDocument(document.id)))) return;
      notify(words.restored(titleOf(document)));
    };
    return {
      restore,
      setStarred: async (document, starred) => {
        await attempt(organize(document.id, { starred }));
      },
      move: async (document, folder) => {
        if (await attempt(organize(document.id, { folder }))) notify(words.movedTo(folder));
      },
      trash: async (document) => {
        if (!(await attempt(moveToTrash(document.id)))) return;
        notify(words.movedToTrash(titleOf(document)), {
          label: words.undo,
          act: () => void restore(document),
        });
      },
      deletePermanently: async (document) => {
        if (await attempt(deletePermanently(document.id))) notify(words.deleted(titleOf(document)));
      },
    };
  }, [notify]);
}
