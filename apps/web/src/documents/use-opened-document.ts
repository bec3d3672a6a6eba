import type { DocumentId } from '@concord/protocol';
import { useEffect, useState } from 'react';
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
  useEffect(() => {
    let isLeft = false;
    const opened = OpenedDocument.open(documentId);
    void opened.then((document) => {
      if (!isLeft) setOpening({ phase: 'opened', document });
    });
    void getDocument(documentId).then(
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
  }, [documentId]);
  return opening;
}
