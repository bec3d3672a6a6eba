/**
 * The question for a place's list, and what stands for its answer while there is none: what this browser knows, when
 * the server is slow or cannot be asked.
 */
import type { DocumentList } from '@concord/protocol';
import type { QueryClient } from '@tanstack/react-query';
import type { KnownLibrary } from '../device/kept-list.ts';
import { ApiError } from '../http/api.ts';
import type { Moment, ReadList } from '../http/own-changes.ts';
import { pathOfPlace, type LibraryPlace } from '../navigation/library-place.ts';

export const PAGE = 50;
/** As much as the server lists at once. */
const PAGE_MAX = 100;
/** A server that takes longer is not waited for with an empty page. */
const SLOW_MS = 600;

export interface LibraryAnswer extends ReadList, Pick<DocumentList, 'nextCursor'> {
  /** The server had none: nothing was taken out here. */
  readonly wasEmpty: boolean;
}

export interface LibraryData {
  readonly isSearch: boolean;
  /** What the server said last. */
  readonly answer: LibraryAnswer | null;
  /** Shown in place of an answer: what this browser knows. */
  readonly known: KnownLibrary | null;
  /** How the last question went. */
  readonly problem: 'unreachable' | 'failed' | null;
}

/** What the question needs of the page. */
export interface LibrarySources {
  readonly listPlace: (
    place: LibraryPlace,
    page: { readonly limit: number; readonly cursor?: string },
  ) => Promise<DocumentList>;
  readonly knownHere: () => Promise<KnownLibrary>;
  /** Keeps an answer for times without the server. */
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

/** As much of the list as is shown of it, or its beginning. Never rejects: old is better than nothing. */
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
  // Of a longer list only the beginning could be had at once: it stays as it is.
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
    // Nothing can be kept in this browser.
    return known.length === 0 && former !== null
      ? { ...nothing, answer: former, problem: 'unreachable' }
      : { ...nothing, known, problem: 'unreachable' };
  } finally {
    isSettled = true;
    clearTimeout(slow);
  }
}

/** The list that is shown, with more of it below. Rejects with an `ApiError`. */
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
    // A document that moved up meanwhile is not shown twice.
    const listed = new Set(answer.documents.map(({ id }) => id));
    const documents = [...answer.documents, ...next.documents.filter(({ id }) => !listed.has(id))];
    return { ...old, answer: { ...answer, documents, nextCursor: next.nextCursor } };
  });
}

/** No answer, or one of a server that is not well; not one that refuses. */
function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
