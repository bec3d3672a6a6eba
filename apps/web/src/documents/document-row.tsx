/** One document in the list: what it is, whose, when; its star and its menu. */
import type { ListedDocument } from '@concord/protocol';
import { messages } from '../messages.ts';
import { displayName } from '../people/names.ts';
import { DocumentIcon, FolderIcon, StarIcon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { DocumentRowMenu, type RowActions } from './document-row-menu.tsx';
import type { LibraryPlace } from './library-place.ts';
import { splitPassage } from './passage.ts';
import { RelativeTime } from './relative-time.tsx';
import { titleOf } from './use-library-actions.ts';

const words = messages.documents;

export function DocumentRow(props: {
  readonly document: ListedDocument;
  readonly place: LibraryPlace;
  readonly actions: RowActions;
}) {
  const { document, place, actions } = props;
  const { title, url, role, owner, starred, folder, passage } = document;
  const isRestricted = role === 'viewer' || role === 'commenter';
  return (
    <li className="document-row">
      <Link href={url} className="document-link" state={{ title }}>
        <DocumentIcon />
        <span className="document-about">
          <span className="document-line">
            <span className={title === '' ? 'document-title untitled' : 'document-title'}>
              {titleOf(document)}
            </span>
            {isRestricted && <span className="badge">{words.badge[role]}</span>}
          </span>
          {passage !== undefined && passage !== '' && <Passage passage={passage} />}
          <span className="document-facts">
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
      </Link>
      {document.trashedAt === null && (
        <button
          type="button"
          className="icon-button star-button"
          aria-label={words.star(titleOf(document))}
          aria-pressed={starred}
          title={starred ? words.removeStar : words.addStar}
          onClick={() => actions.onStar(document)}
        >
          <StarIcon />
        </button>
      )}
      <DocumentRowMenu document={document} actions={actions} />
    </li>
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

/** The text around the hits, with the hits marked. */
function Passage({ passage }: { readonly passage: string }) {
  return (
    <span className="document-passage">
      {splitPassage(passage).map(({ text, isHit }, index) =>
        isHit ? <mark key={index}>{text}</mark> : text,
      )}
    </span>
  );
}
