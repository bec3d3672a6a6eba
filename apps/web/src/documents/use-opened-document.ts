import type { DocumentId } from '@concord/protocol';
import { useEffect, useState } from 'react';
import { loadMe } from '../account/account-store.ts';
import { navigationState } from '../routes.ts';
import { ApiError, getDocument } from './api.ts';
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
  const [isSecondTry, setIsSecondTry] = useState(false);
  useEffect(() => {
    let isLeft = false;
    const isNew = navigationState().isNew === true;
    const opened = OpenedDocument.open(documentId, isNew);
    void opened.then((document) => {
      if (isLeft) return;
      setOpening({ phase: 'opened', document });
      document.client.on('status', (status) => {
        // This browser took one for somebody else, who has nothing unsent here: once, it asks who one is.
        const isMistaken = status.kind === 'stopped' && status.code === 'otherUser';
        if (!isMistaken || isSecondTry || document.client.unsent > 0) return;
        loadMe().then(
          () => isLeft || setIsSecondTry(true),
          () => undefined,
        );
      });
    });
    // One that was begun here is there, whatever the server knows of it.
    const asked = isNew ? new Promise<never>(() => undefined) : getDocument(documentId);
    void asked.then(
      async (resource) => (await opened).learn(resource),
      async (error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 404) return;
        const { client } = await opened;
        if (!isLeft && client.unsent === 0) setOpening({ phase: 'notFound' });
      },
    );
    return () => {
      isLeft = true;
      void opened.then((document) => document.close());
    };
  }, [documentId, isSecondTry]);
  return opening;
}
