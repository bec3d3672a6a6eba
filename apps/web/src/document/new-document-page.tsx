/** `/new`: creates a document and replaces this address by the document's. */
import { useEffect, useRef, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { ApiError } from '../http/api.ts';
import { DocumentSkeleton } from './document-skeleton.tsx';
import { MessagePage } from '../ui/message-page.tsx';
import { beginDocument } from '../library/new-document.ts';

export function NewDocumentPage() {
  const [attempt, setAttempt] = useState(1);
  const [failedAttempt, setFailedAttempt] = useState(0);
  const [isForAccounts, setIsForAccounts] = useState(false);
  const begun = useRef(0);

  useEffect(() => {
    // React may run the effect twice; the document must be created once.
    if (begun.current === attempt) return;
    begun.current = attempt;
    beginDocument('', { replace: true }).catch((error: unknown) => {
      setIsForAccounts(error instanceof ApiError && error.code === 'accountNeeded');
      setFailedAttempt(attempt);
    });
  }, [attempt]);

  if (failedAttempt !== attempt) return <DocumentSkeleton title="" />;
  return (
    <MessagePage
      heading={messages.documents.createFailed}
      body={
        isForAccounts ? messages.documents.accountNeeded : messages.documents.createFailedDetail
      }
    >
      <button
        type="button"
        className="button button-primary"
        onClick={() => setAttempt(attempt + 1)}
      >
        {messages.documents.tryAgain}
      </button>
    </MessagePage>
  );
}
