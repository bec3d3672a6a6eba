/**
 * The query for a place's list, with the cached library as a placeholder while the server is slow or unreachable.
 */
import type { DocumentList } from '@concord/protocol';
import type { QueryClient } from '@tanstack/react-query';
import type { KnownLibrary } from '../device/kept-list.ts';
import { ApiError } from '../http/api.ts';
import type { Moment, ReadList } from '../http/own-changes.ts';
import { pathOfPlace, type LibraryPlace } from '../navigation/library-place.ts';

export const PAGE = 50;
/** Largest page of the API. */
const PAGE_MAX = 100;
/** After this time without a response the cached library is shown instead of an empty page. */
const SLOW_MS = 600;

export interface LibraryAnswer extends ReadList, Pick<DocumentList, 'nextCursor'> {
  /** The server's list was empty, rather than emptied by own changes. */
  readonly wasEmpty: boolean;
}

export interface LibraryData {
  readonly isSearch: boolean;
  /** The last response of the server. */
  readonly answer: LibraryAnswer | null;
  /** The cached library, shown in place of a response. */
  readonly known: KnownLibrary | null;
  /** Outcome of the last request. */
  readonly problem: 'unreachable' | 'failed' | null;
}

/** Ports of the query. */
export interface LibrarySources {
  readonly listPlace: (
    place: LibraryPlace,
    page: { readonly limit: number; readonly cursor?: string },
  ) => Promise<DocumentList>;
  readonly knownHere: () => Promise<KnownLibrary>;
  /** Stores a response in the cached library. */
  readonly learn: (
    place: LibraryPlace,
    list: DocumentList,
    asked: { readonly isStart: boolean; readonly askedAt: Moment },
  ) => void;
  readonly moment: () => Moment;
}

export const libraryKey = (place: LibraryPlace): readonly [string, string] => [
  'documents',
  pathOfPlace(place),
];

/** Fetches as much of the list as is shown, or its first page. Never rejects: stale is better than nothing. */
export async function readLibrary(
  client: QueryClient,
  place: LibraryPlace,
  signal: AbortSignal,
  sources: LibrarySources,
): Promise<LibraryData> {
  const key = libraryKey(place);
  const shown = (): LibraryData | undefined => client.getQueryData<LibraryData>(key);
  const nothing: LibraryData = {
    isSearch: place.search !== null,
    answer: null,
    known: null,
    problem: null,
  };
  const before = shown();
  const count = before?.answer?.documents.length ?? 0;
  // A longer list does not fit in one response: keep it.
  if (before !== undefined && count > PAGE_MAX) return before;

  let isSettled = false;
  const showKnown = async (): Promise<void> => {
    const known = await sources.knownHere();
    if (isSettled || signal.aborted || shown() !== undefined) return;
    client.setQueryData<LibraryData>(key, { ...nothing, known });
  };
  const slow = setTimeout(() => void showKnown(), SLOW_MS);
  signal.addEventListener('abort', () => clearTimeout(slow));

  const askedAt = sources.moment();
  try {
    const list = await sources.listPlace(place, { limit: Math.max(PAGE, count) });
    sources.learn(place, list, { isStart: true, askedAt });
    const wasEmpty = list.documents.length === 0;
    return { ...nothing, answer: { ...list, wasEmpty, askedAt, answeredAt: sources.moment() } };
  } catch (error) {
    const former = shown()?.answer ?? null;
    if (!isUnreachable(error)) return { ...nothing, answer: former, problem: 'failed' };
    const known = await sources.knownHere();
    // Nothing is cached, or storage is unavailable.
    return known.length === 0 && former !== null
      ? { ...nothing, answer: former, problem: 'unreachable' }
      : { ...nothing, known, problem: 'unreachable' };
  } finally {
    isSettled = true;
    clearTimeout(slow);
  }
}

/** The shown list with the next page appended. Rejects with an `ApiError`. */
export async function readMoreOfLibrary(
  client: QueryClient,
  place: LibraryPlace,
  sources: LibrarySources,
): Promise<void> {
  const key = libraryKey(place);
  const cursor = client.getQueryData<LibraryData>(key)?.answer?.nextCursor ?? null;
  if (cursor === null) return;
  const askedAt = sources.moment();
  const next = await sources.listPlace(place, { limit: PAGE, cursor });
  sources.learn(place, next, { isStart: false, askedAt });
  client.setQueryData<LibraryData>(key, (old) => {
    const answer = old?.answer ?? null;
    if (old === undefined || answer === null) return undefined;
    // A document that moved up meanwhile must not appear twice.
    const listed = new Set(answer.documents.map(({ id }) => id));
    const documents = [...answer.documents, ...next.documents.filter(({ id }) => !listed.has(id))];
    return { ...old, answer: { ...answer, documents, nextCursor: next.nextCursor } };
  });
}

/** No response, or a server error (5xx); not a refusal. */
function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
