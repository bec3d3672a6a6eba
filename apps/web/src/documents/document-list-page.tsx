/** `/`: the documents of this guest, newest change first. */
import type { DocumentResource } from '@concord/protocol';
import { useCallback, useEffect, useState } from 'react';
import { messages } from '../messages.ts';
import { OwnName } from '../people/own-name.tsx';
import { Brand } from '../ui/brand.tsx';
import { DocumentIcon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { listDocuments } from './api.ts';
import './list.css';
import { NewDocumentButton } from './new-document-button.tsx';
import { RelativeTime } from './relative-time.tsx';

type Listing =
  | { readonly phase: 'loading' }
  | { readonly phase: 'failed' }
  | { readonly phase: 'listed'; readonly documents: readonly DocumentResource[] };

function useDocuments(): { readonly listing: Listing; readonly reload: () => void } {
  const [listing, setListing] = useState<Listing>({ phase: 'loading' });
  const load = useCallback(() => {
    listDocuments().then(
      (documents) => setListing({ phase: 'listed', documents }),
      // A list that is shown stays: old is better than nothing.
      () => setListing((old) => (old.phase === 'listed' ? old : { phase: 'failed' })),
    );
  }, []);
  useEffect(() => {
    load();
    // Coming back to this tab, people expect to see what changed meanwhile.
    addEventListener('focus', load);
    return () => removeEventListener('focus', load);
  }, [load]);
  const reload = useCallback(() => {
    setListing({ phase: 'loading' });
    load();
  }, [load]);
  return { listing, reload };
}

export function DocumentListPage() {
  const { listing, reload } = useDocuments();
  useEffect(() => {
    document.title = messages.pageTitle(messages.documents.heading);
  }, []);
  const isEmpty = listing.phase === 'listed' && listing.documents.length === 0;
  return (
    <div className="page">
      <header className="page-header">
        <Brand />
        <OwnName />
      </header>
      {isEmpty ? (
        <main className="message message-welcome">
          <h1>{messages.documents.emptyHeading}</h1>
          <p>{messages.documents.emptyBody}</p>
          <NewDocumentButton />
        </main>
      ) : (
        <main className="documents">
          <div className="documents-heading">
            <h1>{messages.documents.heading}</h1>
            <NewDocumentButton />
          </div>
          <Documents listing={listing} onReload={reload} />
        </main>
      )}
    </div>
  );
}

function Documents(props: { readonly listing: Listing; readonly onReload: () => void }) {
  const { listing, onReload } = props;
  if (listing.phase === 'loading') {
    return (
      <div className="document-list" aria-busy="true" aria-label={messages.documents.loading}>
        {[0.5, 0.35, 0.6].map((width) => (
          <div key={width} className="document-row">
            <span className="skeleton" style={{ width: `${width * 100}%` }} />
          </div>
        ))}
      </div>
    );
  }
  if (listing.phase === 'failed') {
    return (
      <section className="notice" role="alert">
        <div className="notice-text">
          <h2>{messages.documents.listFailed}</h2>
          <p>{messages.documents.listFailedDetail}</p>
        </div>
        <div className="notice-actions">
          <button type="button" className="button" onClick={onReload}>
            {messages.documents.tryAgain}
          </button>
        </div>
      </section>
    );
  }
  return (
    <ul className="document-list">
      {listing.documents.map(({ id, title, url, updatedAt }) => (
        <li key={id}>
          <Link href={url} className="document-row" state={{ title }}>
            <DocumentIcon />
            <span className={title === '' ? 'document-title untitled' : 'document-title'}>
              {title === '' ? messages.documents.untitled : title}
            </span>
            <RelativeTime timeMs={updatedAt} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
