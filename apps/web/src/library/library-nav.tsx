/** Navigation by views and folders: beside the list, on phones a row of chips above it. */
import type { DocumentView, FolderList } from '@concord/protocol';
import type { ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import {
  ClockIcon,
  DocumentIcon,
  FolderIcon,
  PeopleIcon,
  StarIcon,
  TrashIcon,
} from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { everything, pathOfPlace, views, type LibraryPlace } from '../navigation/library-place.ts';

const words = messages.documents;

const icons: Readonly<Record<DocumentView, ReactNode>> = {
  all: <DocumentIcon />,
  recent: <ClockIcon />,
  starred: <StarIcon />,
  shared: <PeopleIcon />,
  trash: <TrashIcon />,
};

export function LibraryNav(props: {
  readonly place: LibraryPlace;
  readonly folders: FolderList['folders'];
}) {
  const { place, folders } = props;
  const isListed = place.search === null;
  return (
    <nav className="library-nav" aria-label={words.views}>
      <ul>
        {views.map((view) => (
          <li key={view}>
            <Link
              href={pathOfPlace({ ...everything, view })}
              className="nav-item"
              isCurrent={isListed && place.view === view && place.folder === null}
            >
              {icons[view]}
              {words.view[view]}
            </Link>
          </li>
        ))}
      </ul>
      {folders.length > 0 && (
        <>
          <h2>{words.folders}</h2>
          <ul>
            {folders.map(({ name, documents }) => (
              <li key={name}>
                <Link
                  href={pathOfPlace({ ...everything, folder: name })}
                  className="nav-item"
                  isCurrent={isListed && place.folder === name}
                >
                  <FolderIcon />
                  <span className="nav-name">{name}</span>
                  <span className="nav-count">{documents}</span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}
