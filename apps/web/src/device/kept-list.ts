/**
 * The document list without the server: a cache of each document's last listed state, combined with the replicas on
 * this device. Each list from the server, of any view or folder, updates the cache. Pure.
 */
import type { KeptDocument } from '@concord/client/browser';
import {
  documentPath,
  type DocumentId,
  type DocumentList,
  type FolderList,
  type ListedDocument,
} from '@concord/protocol';
import type { LibraryPlace } from '../navigation/library-place.ts';

interface KnownDocument {
  readonly document: ListedDocument;
  /** When the server sent it, in milliseconds of the Unix epoch. */
  readonly learntAtMs: number;
}

/** Cache of the last listed state of each of a person's documents, including the trash. */
export type KnownLibrary = readonly KnownDocument[];

/** Documents stored on this device, by id. */
export type KeptDocuments = ReadonlyMap<DocumentId, KeptDocument>;

/** Bound of the cache, about half a megabyte; evicts the documents with the oldest change or visit. */
const MAX_KNOWN_DOCUMENTS = 1_000;

/**
 * The cache after a list from the server.
 * @param isStart whether this is the first page of the list, rather than a following one
 */
export function learnList(
  known: KnownLibrary,
  place: LibraryPlace,
  { documents, nextCursor }: Pick<DocumentList, 'documents' | 'nextCursor'>,
  { isStart, nowMs }: { readonly isStart: boolean; readonly nowMs: number },
): KnownLibrary {
  const named = new Set(documents.map(({ id }) => id));
  const isGone = isStart ? goneFrom(place, documents, nextCursor !== null) : () => false;
  const others = known.filter(({ document }) => !named.has(document.id) && !isGone(document));
  const all = [
    ...documents.map((each) => ({ document: withoutPassage(each), learntAtMs: nowMs })),
    ...others,
  ];
  if (all.length <= MAX_KNOWN_DOCUMENTS) return all;
  return all.sort((a, b) => lastTouched(b) - lastTouched(a)).slice(0, MAX_KNOWN_DOCUMENTS);
}

/**
 * Whether a document missing in the response no longer exists in that place. Only two lists are conclusive: that of
 * everything, within the range that was read, and the complete trash.
 */
function goneFrom(
  { view, folder, search }: LibraryPlace,
  documents: readonly ListedDocument[],
  hasMore: boolean,
): (known: ListedDocument) => boolean {
  if (search !== null || folder !== null) return () => false;
  const last = hasMore ? (documents.at(-1)?.updatedAt ?? Infinity) : -Infinity;
  if (view === 'all') return (known) => known.trashedAt === null && known.updatedAt > last;
  if (view === 'trash') return (known) => known.trashedAt !== null && !hasMore;
  return () => false;
}

/** Applies an own change to the cache before the server lists it. Null removes the document. */
export function changeKnown(
  known: KnownLibrary,
  id: DocumentId,
  change: Partial<ListedDocument> | null,
): KnownLibrary {
  if (change === null) return known.filter(({ document }) => document.id !== id);
  return known.map((each) =>
    each.document.id === id ? { ...each, document: { ...each.document, ...change } } : each,
  );
}

/** The list of a place while the server is unreachable. Documents created on this device come first. */
export function listOffline(
  known: KnownLibrary,
  kept: KeptDocuments,
  place: LibraryPlace,
): readonly ListedDocument[] {
  const named = new Set(known.map(({ document }) => document.id));
  const documents = known.map((each) => withKept(each, kept));
  const others = [...kept.values()].filter(({ documentId }) => !named.has(documentId));
  return [...documents, ...others.map(documentOf)]
    .filter((document) => belongsTo(document, place))
    .sort(orderOf(place, kept));
}

/** The server's list, preceded by documents created on this device that have not reached the server. */
export function listOnline(
  listed: readonly ListedDocument[],
  kept: KeptDocuments,
  place: LibraryPlace,
): readonly ListedDocument[] {
  const named = new Set(listed.map(({ id }) => id));
  const madeHere = [...kept.values()]
    .filter(({ isNew, documentId }) => isNew && !named.has(documentId))
    .map(documentOf)
    .filter((document) => belongsTo(document, place))
    .sort(orderOf(place, kept));
  return madeHere.length === 0 ? listed : [...madeHere, ...listed];
}

/** Folders with the number of cached documents in each. */
export function foldersOf(known: KnownLibrary): FolderList['folders'] {
  const counts = new Map<string, number>();
  for (const { folder, trashedAt } of known.map(({ document }) => document)) {
    if (folder !== '' && trashedAt === null) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => ({ name, documents: count }));
}

/** Pinned documents whose replica is older than the server's version. */
export function outdatedOnDevice(
  listed: readonly ListedDocument[],
  kept: KeptDocuments,
): readonly ListedDocument[] {
  return listed.filter(({ id, version, trashedAt }) => {
    const own = kept.get(id);
    return own?.isKeptOffline === true && !own.isNew && trashedAt === null && own.version < version;
  });
}

function withoutPassage(document: ListedDocument): ListedDocument {
  const { passage: _, ...rest } = document;
  return rest;
}

const lastTouched = ({ document }: KnownDocument): number =>
  Math.max(document.updatedAt, document.visitedAt ?? 0);

/** Overlays a title and a visit that this device recorded after the document was listed. */
function withKept({ document, learntAtMs }: KnownDocument, kept: KeptDocuments): ListedDocument {
  const own = kept.get(document.id);
  if (own === undefined || own.usedAtMs <= learntAtMs) return document;
  return {
    ...document,
    title: own.title,
    url: documentPath(document.id, own.title),
    visitedAt: own.usedAtMs,
    updatedAt: own.unsent > 0 ? own.usedAtMs : document.updatedAt,
  };
}

/**
 * A list entry for a document known only to this device: created here, or opened by its address and never listed.
 * Fields that only the server knows are filled in as for an own document.
 */
function documentOf({
  documentId,
  title,
  usedAtMs,
  version,
  folder,
}: KeptDocument): ListedDocument {
  return {
    id: documentId,
    title,
    titleVersion: 0,
    version,
    createdAt: usedAtMs,
    updatedAt: usedAtMs,
    url: documentPath(documentId, title),
    role: 'owner',
    anyone: 'off',
    owner: { userId: '', name: '' },
    trashedAt: null,
    starred: false,
    folder,
    visitedAt: usedAtMs,
    links: {},
  };
}

function belongsTo(document: ListedDocument, { view, folder, search }: LibraryPlace): boolean {
  const { title, trashedAt, visitedAt, starred, role } = document;
  if ((view === 'trash') !== (trashedAt !== null)) return false;
  if (folder !== null && document.folder !== folder) return false;
  if (search !== null && !hasWords(title, search)) return false;
  if (view === 'recent') return visitedAt !== null;
  if (view === 'starred') return starred;
  return view !== 'shared' || role !== 'owner';
}

/** Whether each word of the search is a prefix of a word of the title, ignoring case and accents. */
function hasWords(title: string, search: string): boolean {
  const words = wordsOf(title);
  return wordsOf(search).every((sought) => words.some((word) => word.startsWith(sought)));
}
const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .match(/[\p{L}\p{N}]+/gu) ?? [];

function orderOf({ view }: LibraryPlace, kept: KeptDocuments) {
  const place = ({ id, trashedAt, visitedAt, updatedAt }: ListedDocument): number => {
    if (kept.get(id)?.isNew === true) return Infinity;
    if (view === 'trash') return trashedAt ?? 0;
    return view === 'recent' ? (visitedAt ?? 0) : updatedAt;
  };
  return (a: ListedDocument, b: ListedDocument): number => {
    const [first, second] = [place(a), place(b)];
    // Among documents created here, newest first.
    return first === second ? b.updatedAt - a.updatedAt : second - first;
  };
}
