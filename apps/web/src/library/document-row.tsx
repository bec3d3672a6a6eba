/** A row of the list: title, owner, time, offline state, star and menu. */
import type { KeptDocument } from '@concord/client/browser';
import type { ListedDocument } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { KeptIcon } from '../offline/offline-icons.tsx';
import { offlineMessages } from '../offline/offline-messages.ts';
import { displayName } from '../people/names.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { DocumentIcon, FolderIcon, StarIcon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { DocumentRowMenu, type RowActions } from './document-row-menu.tsx';
import type { LibraryPlace } from '../navigation/library-place.ts';
import { splitPassage } from './passage.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { titleOf } from './use-library-actions.ts';

const words = messages.documents;
const offlineWords = offlineMessages.list;

export function DocumentRow(props: {
  readonly document: ListedDocument;
  readonly place: LibraryPlace;
  /** The document on this device; undefined if it is not stored. */
  readonly kept: KeptDocument | undefined;
  readonly isOffline: boolean;
  readonly actions: RowActions;
}) {
  const { document, place, kept, isOffline, actions } = props;
  const { title, url, starred } = document;
  const isMissing = isOffline && kept === undefined;
  // All actions but opening need the server, which does not know a document created here yet.
  const isWithServer = !isOffline && kept?.isNew !== true;
  const about = (
    <>
      <DocumentIcon />
      <About document={document} place={place} kept={kept} isMissing={isMissing} />
    </>
  );
  return (
    <li className="document-row">
      {isMissing ? (
        <div className="document-link document-missing">{about}</div>
      ) : (
        <Link href={url} className="document-link" state={{ title }}>
          {about}
        </Link>
      )}
      {document.trashedAt === null && isWithServer && (
        <IconButton
          label={words.star(titleOf(document))}
          hint={starred ? words.removeStar : words.addStar}
          className="icon-button star-button"
          aria-pressed={starred}
          onClick={() => actions.onStar(document)}
        >
          <StarIcon />
        </IconButton>
      )}
      <DocumentRowMenu
        document={document}
        kept={kept}
        isOffline={!isWithServer}
        actions={actions}
      />
    </li>
  );
}

function About(props: {
  readonly document: ListedDocument;
  readonly place: LibraryPlace;
  readonly kept: KeptDocument | undefined;
  readonly isMissing: boolean;
}) {
  const { document, place, kept, isMissing } = props;
  const { title, role, owner, folder, passage } = document;
  const isRestricted = role === 'viewer' || role === 'commenter';
  return (
    <span className="document-about">
      <span className="document-line">
        <span className={title === '' ? 'document-title untitled' : 'document-title'}>
          {titleOf(document)}
        </span>
        {isRestricted && <span className="badge">{words.badge[role]}</span>}
        {kept?.isKeptOffline === true && (
          <span className="kept-mark" title={offlineWords.keptOffline}>
            <KeptIcon />
            <span className="visually-hidden">{offlineWords.keptOffline}</span>
          </span>
        )}
      </span>
      {passage !== undefined && passage !== '' && <Passage passage={passage} />}
      <span className="document-facts">
        {kept !== undefined && (kept.isNew || kept.unsent > 0) && (
          <span className="document-unsent">
            {kept.isNew ? offlineWords.madeHere : offlineWords.unsent(kept.unsent)}
          </span>
        )}
        {isMissing && <span>{offlineWords.missing}</span>}
        <When document={document} place={place} />
        {role !== 'owner' && <span>{words.ownedBy(displayName(owner))}</span>}
        {folder !== '' && place.folder === null && (
          <span className="document-folder">
            <FolderIcon />
            {folder}
          </span>
        )}
      </span>
    </span>
  );
}

function When(props: { readonly document: ListedDocument; readonly place: LibraryPlace }) {
  const { document, place } = props;
  const { trashedAt, visitedAt, updatedAt } = document;
  if (trashedAt !== null) return <RelativeTime timeMs={trashedAt} wording={words.trashed} />;
  if (place.view === 'recent' && visitedAt !== null) {
    return <RelativeTime timeMs={visitedAt} wording={words.opened} />;
  }
  return <RelativeTime timeMs={updatedAt} />;
}

/** A passage of the text with its search hits highlighted. */
function Passage({ passage }: { readonly passage: string }) {
  return (
    <span className="document-passage">
      {splitPassage(passage).map(({ text, isHit }, index) =>
        isHit ? <mark key={index}>{text}</mark> : text,
      )}
    </span>
  );
}
