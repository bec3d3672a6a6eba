import { followView, type DocumentStatus } from '@concord/client';
import type { DocumentId } from '@concord/protocol';
import { useEffect, useState } from 'react';
import { loadMe } from '../identity/account-store.ts';
import { navigationState } from '../navigation/routes.ts';
import { watchForAccess, type AccessReturnPorts } from './access-return.ts';
import { ApiError, getDocument } from '../http/api.ts';
import { OpenedDocument } from './opened-document.ts';

export type Opening =
  | { readonly phase: 'opening' }
  | { readonly phase: 'opened'; readonly document: OpenedDocument }
  | { readonly phase: 'notFound' };

/**
 * Opens a document for as long as the component shows it. The text and the question whether there is
 * such a document go out together. One that is gone, or not to be read any more, is "not found" even where this
 * device has its text, unless there are edits that nobody else has (I5).
 */
export function useOpenedDocument(documentId: DocumentId): Opening {
  const [opening, setOpening] = useState<Opening>({ phase: 'opening' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isLeft = false;
    let stopWatching = (): void => undefined;
    const again = (): void => setAttempt(attempt + 1);
    const isNew = navigationState().isNew === true;
    const opened = OpenedDocument.open(documentId, isNew);
    void opened.then((document) => {
      if (isLeft) return;
      setOpening({ phase: 'opened', document });
      const statusChanged = (status: DocumentStatus): void => {
        if (status.kind !== 'stopped') return;
        // It may come back: out of the trash, or shared once more.
        if (status.code === 'accessRevoked' || status.code === 'notFound') {
          stopWatching();
          stopWatching = watchForAccess(again, accessOf(documentId));
        }
        // This browser took one for somebody else, who has nothing unsent here: once, it asks who one is.
        if (status.code !== 'otherUser' || attempt > 0 || document.client.view.unsent > 0) return;
        loadMe().then(
          () => isLeft || again(),
          () => undefined,
        );
      };
      followView(document.client, ({ status }) => status, statusChanged);
    });
    // One that was begun here is there, whatever the server knows of it.
    const asked = isNew ? new Promise<never>(() => undefined) : getDocument(documentId);
    void asked.then(
      async (resource) => (await opened).learn(resource),
      async (error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 404) return;
        const { client } = await opened;
        if (!isLeft && client.view.unsent === 0) setOpening({ phase: 'notFound' });
      },
    );
    return () => {
      isLeft = true;
      stopWatching();
      void opened.then((document) => document.close());
    };
  }, [documentId, attempt]);
  return opening;
}

function accessOf(documentId: DocumentId): AccessReturnPorts {
  return {
    mayRead: () =>
      getDocument(documentId).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ApiError && error.status === 404) return false;
          throw error;
        },
      ),
    isLookedAt: () => document.visibilityState === 'visible',
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onBack: (run) => {
      const listening = new AbortController();
      document.addEventListener('visibilitychange', run, { signal: listening.signal });
      addEventListener('online', run, { signal: listening.signal });
      return () => listening.abort();
    },
  };
}
