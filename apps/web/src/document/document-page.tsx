/** A document's page: opens the document, and renders each stage of opening. */
import type { DocumentId } from '@concord/protocol';
import { navigationState } from '../navigation/routes.ts';
import { DocumentSkeleton } from './document-skeleton.tsx';
import { NotFoundPage } from '../ui/message-page.tsx';
import { OpenDocumentPage } from './open-document-page.tsx';
import { useOpenedDocument } from './use-opened-document.ts';

export function DocumentPage({ documentId }: { readonly documentId: DocumentId }) {
  const opening = useOpenedDocument(documentId);
  switch (opening.phase) {
    case 'opening':
      return <DocumentSkeleton title={navigationState().title ?? ''} />;
    case 'notFound':
      return <NotFoundPage />;
    case 'opened':
      return <OpenDocumentPage document={opening.document} />;
  }
}
