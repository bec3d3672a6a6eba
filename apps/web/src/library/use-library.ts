/**
 * The list of a place: fetched page by page, with own changes overlaid (own-changes.ts). Without the server it is the
 * cached library, until the server answers again.
 */
import type { FolderList, ListedDocument } from '@concord/protocol';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import {
  changeKnown,
  foldersOf,
  learnList,
  listOffline,
  listOnline,
  type KnownLibrary,
} from '../device/kept-list.ts';
import {
  changesSince,
  isOutdated,
  mayLack,
  ownChanges,
  withOwnChanges,
} from '../http/own-changes.ts';
import { retryInterval } from '../http/query-client.ts';
import { pathOfPlace, type LibraryPlace } from '../navigation/library-place.ts';
import { whenLeftBehindIsSent } from '../offline/tidy-device.ts';
import { useKeptDocuments, type KeptOnDevice } from '../offline/use-kept-documents.ts';
import { knownHere, remember } from './known-here.ts';
import { listPlace } from './library-api.ts';
import {
  libraryKey,
  readLibrary,
  readMoreOfLibrary,
  type LibraryData,
  type LibrarySources,
} from './library-query.ts';

export type Listing =
  | { readonly phase: 'loading' }
  | { readonly phase: 'failed' }
  | {
      readonly phase: 'listed';
      readonly documents: readonly ListedDocument[];
      readonly nextCursor: string | null;
      /** The server's list was empty, rather than emptied by own changes. */
      readonly wasEmpty: boolean;
      /** The server is unreachable: only documents on this device open. */
      readonly isOffline: boolean;
    };

export interface Library {
  readonly listing: Listing;
  readonly device: KeptOnDevice;
  /** Folders of the cached library while the server is unreachable; else null. */
  readonly knownFolders: FolderList['folders'] | null;
  /** Fetches the first page again, after a failure. */
  readonly reload: () => void;
  readonly showMore: () => Promise<void>;
}

const loading: Listing = { phase: 'loading' };
const failed: Listing = { phase: 'failed' };

export function useLibrary(place: LibraryPlace): Library {
  const path = pathOfPlace(place);
  const isSearch = place.search !== null;
  const device = useKeptDocuments();
  const { kept, isKnown: isDeviceKnown, refresh: refreshKept, bringUpToDate } = device;
  const changes = useSyncExternalStore(ownChanges.subscribe, ownChanges.snapshot);
  const client = useQueryClient();
  const { data, isPlaceholderData, refetch } = useQuery<LibraryData>({
    queryKey: libraryKey(place),
    queryFn: ({ signal }) => readLibrary(client, place, signal, sources),
    placeholderData: (former) => {
      if (former === undefined) return undefined;
      // The cached library covers all places. While the person types a search, the former hits stay.
      return former.known !== null || (isSearch && former.isSearch) ? former : undefined;
    },
    // Each response has its own logical times, so that none equals a former one.
    structuralSharing: false,
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: ({ state }) => (state.data?.problem === 'unreachable' ? 'always' : false),
    refetchInterval: ({ state }) => retryInterval(state.data?.problem === 'unreachable'),
  });
  /** The response for this place, not a placeholder. */
  const answer = isPlaceholderData ? null : (data?.answer ?? null);

  const known = useMemo(() => {
    const shown = changes.filter(({ hasFailed }) => !hasFailed);
    return shown.reduce<KnownLibrary | null>(
      (all, { id, what }) => (all === null ? null : changeKnown(all, id, what)),
      data?.known ?? null,
    );
  }, [data, changes]);
  const listing = useMemo((): Listing => {
    if (data === undefined) return loading;
    const isOffline = data.problem === 'unreachable';
    if (known !== null) {
      // The cache covers all places, so that there is no next page.
      const documents = listOffline(known, kept, place);
      if (known.length > 0 || kept.size > 0) {
        return { phase: 'listed', documents, nextCursor: null, wasEmpty: false, isOffline };
      }
      return isDeviceKnown && isOffline ? failed : loading;
    }
    if (data.answer === null) return data.problem === null ? loading : failed;
    const { nextCursor, wasEmpty, askedAt } = data.answer;
    const since = changesSince(changes, askedAt);
    const documents = listOnline(withOwnChanges(data.answer.documents, since, place), kept, place);
    // While a pending change may add a document, the list is not reported as empty.
    if (documents.length === 0 && data.problem === null && mayLack(data.answer, changes)) {
      return loading;
    }
    return { phase: 'listed', documents, nextCursor, wasEmpty, isOffline };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the path is the place
  }, [data, known, changes, kept, isDeviceKnown, path]);

  useEffect(() => {
    if (data !== undefined) refreshKept();
  }, [data, refreshKept]);
  useEffect(() => {
    if (answer !== null) bringUpToDate(answer.documents);
  }, [answer, bringUpToDate]);
  // `refetch` cancels a pending request, whose response may be outdated.
  useEffect(() => whenLeftBehindIsSent(() => void refetch()), [refetch]);
  const isToBeReadAgain = answer !== null && isOutdated(answer, changes);
  useEffect(() => {
    if (isToBeReadAgain) void refetch();
  }, [isToBeReadAgain, answer, refetch]);
  useEffect(() => {
    // Not before the response is shown: the former one still needs the changes overlaid.
    if (answer !== null) ownChanges.forgetSettledBefore(answer.askedAt);
  }, [answer]);

  const knownFolders = useMemo(() => (known === null ? null : foldersOf(known)), [known]);
  return {
    listing,
    device,
    knownFolders,
    reload: () => void client.resetQueries({ queryKey: libraryKey(place) }),
    showMore: () => readMoreOfLibrary(client, place, sources),
  };
}

/** Stores a response in the cached library, with the own changes that it may lack. */
const learn: LibrarySources['learn'] = (place, list, { isStart, askedAt }) => {
  const since = changesSince(ownChanges.snapshot(), askedAt);
  const { nextCursor } = list;
  const documents = [...withOwnChanges(list.documents, since, place)];
  const asked = { isStart, nowMs: Date.now() };
  remember((known) => learnList(known, place, { documents, nextCursor }, asked));
};

const sources: LibrarySources = { listPlace, knownHere, learn, moment: () => ownChanges.now };
