/** The list of a place, or the reason why it is empty. */
import { TRASH_DAYS } from '@concord/protocol';
import { useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { KeptCountChoice } from '../offline/kept-count-choice.tsx';
import { offlineMessages } from '../offline/offline-messages.ts';
import { OfflineNote } from '../offline/offline-note.tsx';
import { problemText } from '../forms/problem-text.ts';
import { useNotify } from '../ui/notify.tsx';
import type { RowActions } from './document-row-menu.tsx';
import { DocumentRow } from './document-row.tsx';
import type { LibraryPlace } from '../navigation/library-place.ts';
import type { Library } from './use-library.ts';

const words = messages.documents;

export function Listed(props: {
  readonly place: LibraryPlace;
  readonly library: Library;
  readonly actions: RowActions;
}) {
  const { place, library, actions } = props;
  const { listing } = library;
  switch (listing.phase) {
    case 'loading':
      return <LoadingList />;
    case 'failed':
      return (
        <section className="notice" role="alert">
          <div className="notice-text">
            <h2>{words.listFailed}</h2>
            <p>{words.listFailedDetail}</p>
          </div>
          <div className="notice-actions">
            <button type="button" className="button" onClick={library.reload}>
              {words.tryAgain}
            </button>
          </div>
        </section>
      );
    case 'listed': {
      const { documents, nextCursor, isOffline } = listing;
      const note = <OfflineNote isOffline={isOffline} isSearch={place.search !== null} />;
      if (documents.length === 0) {
        return (
          <>
            {note}
            <p className="list-empty">
              {isOffline ? offlineMessages.list.nothingKnown : whyEmpty(place)}
            </p>
          </>
        );
      }
      return (
        <>
          {note}
          {place.view === 'trash' && <p className="list-note">{words.trashNote(TRASH_DAYS)}</p>}
          {place.search !== null && (
            <p className="list-note" aria-live="polite">
              {words.found(documents.length, nextCursor !== null)}
            </p>
          )}
          <ul className="document-list">
            {documents.map((document) => (
              <DocumentRow
                key={document.id}
                document={document}
                place={place}
                kept={library.device.kept.get(document.id)}
                isOffline={isOffline}
                actions={actions}
              />
            ))}
          </ul>
          {nextCursor !== null && <ShowMore onShowMore={library.showMore} />}
          {place.view === 'recent' && <KeptCountChoice onChosen={library.device.refresh} />}
        </>
      );
    }
  }
}

function whyEmpty({ view, folder, search }: LibraryPlace): string {
  if (search !== null) return words.empty.search(search);
  if (folder !== null) return words.empty.folder;
  return words.empty[view];
}

function ShowMore({ onShowMore }: { readonly onShowMore: () => Promise<void> }) {
  const notify = useNotify();
  const [isBusy, setIsBusy] = useState(false);
  const showMore = async (): Promise<void> => {
    setIsBusy(true);
    try {
      await onShowMore();
    } catch (error) {
      notify(problemText(error));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <div className="list-more">
      <button type="button" className="button" disabled={isBusy} onClick={() => void showMore()}>
        {words.showMore}
      </button>
    </div>
  );
}

function LoadingList() {
  return (
    <div className="document-list" aria-busy="true" aria-label={words.loading}>
      {[0.5, 0.35, 0.6].map((width) => (
        <div key={width} className="document-row document-row-loading">
          <span className="skeleton" style={{ width: `${width * 100}%` }} />
        </div>
      ))}
    </div>
  );
}
