/** Lists of documents, for one person at a time, in memory. */
import type { DocumentId, DocumentView, Role } from '@concord/protocol';
import { currentRole, namedOwner } from '../../access/core/permissions.ts';
import { readCursor, writeCursor, type Cursor } from '../cursor.ts';
import { compareText } from '../../platform/core/text-order.ts';
import type {
  LibraryEntry,
  LibraryPage,
  LibraryQuery,
  LibraryRepository,
} from '../ports/library-store.ts';
import type { HitPages, SearchScope } from '../search/hit-pages.ts';
import { accessOf } from './access.ts';
import type { Boundary } from './boundary.ts';
import { withEntry, type DocumentRow, type MemoryState, type PersonalRow } from './memory-state.ts';

/** A list entry of a person, and its sort key in the view. */
export interface Listed {
  readonly entry: LibraryEntry;
  readonly sort: number;
}

export function library(
  state: MemoryState,
  { read, write }: Boundary,
  hits: HitPages,
): LibraryRepository {
  const list = read((query: LibraryQuery) => pageOf(state, query));
  return {
    list: (query, signal) =>
      query.search === null ? list(query) : hits.list({ ...query, search: query.search }, signal),
    entry: read((documentId, userId) => {
      const row = state.documents.get(documentId);
      return row === undefined ? null : entryOf(state, row, userId);
    }),
    folders: read((userId, now) => {
      const counts = new Map<string, number>();
      for (const { entry } of listed(state, { userId, view: 'all', folder: null, now })) {
        if (entry.folder !== '') counts.set(entry.folder, (counts.get(entry.folder) ?? 0) + 1);
      }
      return [...counts]
        .map(([name, documents]) => ({ name, documents }))
        .sort((one, other) => compareText(one.name, other.name));
    }),
    recordVisit: write('library.recordVisit', (userId, id, at) =>
      setPersonal(state, userId, id, { visitedAt: at }),
    ),
    setStarred: write('library.setStarred', (userId, id, starred) =>
      setPersonal(state, userId, id, { starred }),
    ),
    setFolder: write('library.setFolder', (userId, id, folder) =>
      setPersonal(state, userId, id, { folder }),
    ),
  };
}

const nothingPersonal: PersonalRow = { visitedAt: null, starred: false, folder: '' };

/** Within a write. */
export function setPersonal(
  state: MemoryState,
  userId: string,
  documentId: DocumentId,
  change: Partial<PersonalRow>,
): void {
  state.changeDocument(documentId, ({ personal }) => {
    const known = personal.get(userId) ?? nothingPersonal;
    return { personal: withEntry(personal, userId, { ...known, ...change }) };
  });
}

/** Sort key of an entry in each view; null for entries that the view does not list. */
const views: Readonly<
  Record<DocumentView, (entry: LibraryEntry, own: Role | null) => number | null>
> = {
  all: ({ trashedAt, updatedAt }) => (trashedAt === null ? updatedAt : null),
  recent: ({ trashedAt, visitedAt }) => (trashedAt === null ? visitedAt : null),
  starred: ({ trashedAt, starred, updatedAt }) =>
    trashedAt === null && starred ? updatedAt : null,
  shared: ({ trashedAt, updatedAt }, own) => trashedAt === null && own !== 'owner' ? updatedAt : null, // prettier-ignore
  trash: ({ trashedAt }, own) => (own === 'owner' ? trashedAt : null),
};

/** Documents that the person may read and is related to, unordered. */
export function listed(
  state: MemoryState,
  { userId, view, folder, now }: SearchScope,
): readonly Listed[] {
  return state.documents.values().flatMap((row) => {
    const { id } = row.stored;
    const access = accessOf(state, id);
    if (access === null) return [];
    const own = row.people.get(userId) ?? null;
    if (own === null && !access.opened.has(userId) && !row.personal.has(userId)) return [];
    const { role } = currentRole(access, { userId }, now);
    if (role === null) return [];
    const entry: LibraryEntry = { ...entryOf(state, row, userId), role };
    const sort = views[view](entry, own);
    const isMeant = sort !== null && (folder === null || entry.folder === folder);
    return isMeant ? [{ entry, sort }] : [];
  });
}

/** Descending, ties by id. */
function inListOrder(one: Cursor, other: Cursor): number {
  return other.sort - one.sort || compareText(one.id, other.id);
}

function pageOf(state: MemoryState, query: LibraryQuery): LibraryPage {
  const after = readCursor(query.cursor);
  const places = listed(state, query)
    .map(({ entry, sort }) => ({ entry, sort, id: entry.id }))
    .filter((place) => after === null || inListOrder(place, after) > 0)
    .sort(inListOrder);
  const page = places.slice(0, query.limit);
  const last = page.at(-1);
  const hasMore = places.length > page.length && last !== undefined;
  return {
    entries: page.map(({ entry }) => entry),
    nextCursor: hasMore ? writeCursor({ sort: last.sort, id: last.id }) : null,
  };
}

function entryOf(
  state: MemoryState,
  row: DocumentRow,
  userId: string | null,
): Omit<LibraryEntry, 'role'> {
  const ownerId = namedOwner(row.stored.createdBy, row.people);
  const personal = userId === null ? undefined : row.personal.get(userId);
  return {
    ...row.stored,
    trashedAt: row.trashedAt,
    anyone: row.anyone,
    version: state.headVersion(row.stored.id),
    ownerId,
    ownerName: state.names.get(ownerId) ?? null,
    ...(personal ?? nothingPersonal),
    passage: null,
  };
}
