/**
 * The list that a place shows: read, read on, and changed at once where the person changed something
 * (own-changes.ts). Without the server it is what this browser knows, until the server answers again.
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
      /** The server had none: nothing was taken out here. */
      readonly wasEmpty: boolean;
      /** The server cannot be asked: only what is on this device opens. */
      readonly isOffline: boolean;
    };

export interface Library {
  readonly listing: Listing;
  readonly device: KeptOnDevice;
  /** Those that this browser knows of, while the server cannot be asked; null else. */
  readonly knownFolders: FolderList['folders'] | null;
  /** From the beginning, after a failure. */
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
      // What this browser knows, it knows of all places. While somebody types a search, the hits so far stay.
      return former.known !== null || (isSearch && former.isSearch) ? former : undefined;
    },
    // Each answer has its moments.
    structuralSharing: false,
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: ({ state }) => (state.data?.problem === 'unreachable' ? 'always' : false),
    refetchInterval: ({ state }) => retryInterval(state.data?.problem === 'unreachable'),
  });
  /** Of this place: none that stands in. */
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
      // Known of all places, so that there is nothing to wait for.
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
    // What may be about to come is not said to be nothing.
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
  // An answer on its way may be from before: it is not waited for.
  useEffect(() => whenLeftBehindIsSent(() => void refetch()), [refetch]);
  const isToBeReadAgain = answer !== null && isOutdated(answer, changes);
  useEffect(() => {
    if (isToBeReadAgain) void refetch();
  }, [isToBeReadAgain, answer, refetch]);
  useEffect(() => {
    // Not before it is shown: the answer before it needs them.
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

/** Keeps an answer for times without the server, with the changes that it may be without. */
const learn: LibrarySources['learn'] = (place, list, { isStart, askedAt }) => {
  const since = changesSince(ownChanges.snapshot(), askedAt);
  const { nextCursor } = list;
  const documents = [...withOwnChanges(list.documents, since, place)];
  const asked = { isStart, nowMs: Date.now() };
  remember((known) => learnList(known, place, { documents, nextCursor }, asked));
};

const sources: LibrarySources = { listPlace, knownHere, learn, moment: () => ownChanges.now };
