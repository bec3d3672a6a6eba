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
 * such a document go out together; only a document that this device has no text of can be "not found".
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
      async ({ title }) => (await opened).title.received(title),
      async (error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 404) return;
        const { client } = await opened;
        if (!isLeft && client.text === '' && client.unsent === 0) setOpening({ phase: 'notFound' });
      },
    );
    return () => {
      isLeft = true;
      void opened.then((document) => document.close());
    };
  }, [documentId]);
  return opening;
}
