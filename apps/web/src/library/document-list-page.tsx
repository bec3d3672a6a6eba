/** `/`: the person's documents, by view, folder or search. */
import type { ListedDocument } from '@concord/protocol';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { AccountMenu } from '../account/account-menu.tsx';
import { useMe } from '../identity/account-store.ts';
import { signInPath } from '../navigation/return-to.ts';
import { messages } from '../i18n/messages.ts';
import { navigate, useQuery } from '../navigation/routes.ts';
import { ReceivedInvitations } from '../sharing/received-invitations.tsx';
import { Brand } from '../ui/brand.tsx';
import { Link } from '../ui/link.tsx';
import { LoadBoundary } from '../ui/load-boundary.tsx';
import type { RowActions } from './document-row-menu.tsx';
import { LibraryNav } from './library-nav.tsx';
import { everything, pathOfPlace, placeOfQuery, searchFrom } from '../navigation/library-place.ts';
import '../ui/page.css';
import './list.css';
import { Listed } from './listed.tsx';
import { NewDocumentButton } from './new-document-button.tsx';
import { SearchField } from './search-field.tsx';
import { useFolders } from './use-folders.ts';
import { useLibrary, type Library } from './use-library.ts';
import { titleOf, useLibraryActions } from './use-library-actions.ts';
import { useTrashIsEmpty } from './use-trash-is-empty.ts';

const words = messages.documents;

const FolderDialog = lazy(async () => {
  const { FolderDialog: Dialog } = await import('./library-dialogs.tsx');
  return { default: Dialog };
});
const DeleteDialog = lazy(async () => {
  const { DeleteDialog: Dialog } = await import('./library-dialogs.tsx');
  return { default: Dialog };
});

/** The open dialog about a document of the list. */
interface Question {
  readonly about: 'folder' | 'delete';
  readonly document: ListedDocument;
}

export function DocumentListPage() {
  const query = useQuery();
  const place = useMemo(() => placeOfQuery(query), [query]);
  const library = useLibrary(place);
  const listedFolders = useFolders();
  const folders = listedFolders.length > 0 ? listedFolders : (library.knownFolders ?? []);
  const actions = useLibraryActions();
  const [question, setQuestion] = useState<Question | null>(null);

  const heading = place.search !== null ? words.results(place.search) : (place.folder ?? words.view[place.view]); // prettier-ignore
  const isEverything = pathOfPlace(place) === pathOfPlace(everything);
  useEffect(() => {
    document.title = messages.pageTitle(isEverything ? words.heading : heading);
  }, [heading, isEverything]);

  const search = useCallback(
    (text: string) => {
      // A search is one history entry, however many letters are typed.
      navigate(pathOfPlace(searchFrom(place, text)), { replace: place.search !== null });
    },
    [place],
  );
  const rowActions: RowActions = {
    onStar: (document) => void actions.setStarred(document, !document.starred),
    onMove: (document) => setQuestion({ about: 'folder', document }),
    onTrash: (document) => void actions.trash(document),
    onRestore: (document) => void actions.restore(document),
    onDelete: (document) => setQuestion({ about: 'delete', document }),
    onKeep: (document, isKept) => void library.device.setKept(document, titleOf(document), isKept),
  };
  const close = (): void => setQuestion(null);

  const { listing } = library;
  const hasNothing =
    isEverything &&
    listing.phase === 'listed' &&
    listing.wasEmpty &&
    listing.documents.length === 0 &&
    folders.length === 0;
  const isTrashEmpty = useTrashIsEmpty(hasNothing);
  const isFirstVisit = hasNothing && isTrashEmpty === true;
  // Nothing is shown until it is known whether this is a first visit.
  const shown: Library =
    hasNothing && isTrashEmpty === null ? { ...library, listing: { phase: 'loading' } } : library;
  return (
    <div className={isFirstVisit ? 'page' : 'page page-library'}>
      {/* The same header element in every state of the list, so that an open menu stays open when the list arrives. */}
      <header className="page-header">
        <Brand />
        {!isFirstVisit && <SearchField search={place.search ?? ''} onSearch={search} />}
        <AccountMenu />
      </header>
      {isFirstVisit ? (
        <Welcome />
      ) : (
        <div className="library">
          <LibraryNav place={place} folders={folders} />
          <main className="documents">
            <div className="documents-heading">
              <h1>{isEverything ? words.heading : heading}</h1>
              {place.view !== 'trash' && <NewDocumentButton folder={place.folder ?? ''} />}
            </div>
            {/* Not before it is known that this is no first visit, whose page has them elsewhere. */}
            {place.view !== 'trash' &&
              place.search === null &&
              !(isEverything && shown.listing.phase === 'loading') && <ReceivedInvitations />}
            <Listed place={place} library={shown} actions={rowActions} />
          </main>
        </div>
      )}
      {question !== null && (
        <LoadBoundary onFailed={close}>
          <Suspense fallback={null}>
            {question.about === 'folder' ? (
              <FolderDialog
                document={question.document}
                folders={folders}
                onMove={(folder) => void actions.move(question.document, folder)}
                onClose={close}
              />
            ) : (
              <DeleteDialog
                document={question.document}
                onDelete={() => void actions.deletePermanently(question.document)}
                onClose={close}
              />
            )}
          </Suspense>
        </LoadBoundary>
      )}
    </div>
  );
}

/** The page of a first visit: a single action. */
function Welcome() {
  const me = useMe();
  return (
    <main className="message message-welcome">
      <h1>{words.emptyHeading}</h1>
      <p>{words.emptyBody}</p>
      {me?.mayCreate === false ? (
        <Link href={signInPath('/sign-in', '/')} className="button button-primary">
          {messages.account.signIn}
        </Link>
      ) : (
        <NewDocumentButton />
      )}
      <ReceivedInvitations />
    </main>
  );
}
