/**
 * The list that a place shows: read, read on, and changed at once where the person changed something
 * (own-changes.ts). Without the server it is what this browser knows, until the server answers again.
 */
import type { DocumentList, FolderList, ListedDocument } from '@concord/protocol';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import {
  changeKnown,
  foldersOf,
  learnList,
  listOffline,
  listOnline,
  type KnownLibrary,
} from '../device/kept-list.ts';
import { whenLeftBehindIsSent } from '../offline/tidy-device.ts';
import { useKeptDocuments, type KeptOnDevice } from '../offline/use-kept-documents.ts';
import { useRetry } from '../offline/use-retry.ts';
import { ApiError } from '../http/api.ts';
import { knownHere, remember } from './known-here.ts';
import { listPlace } from './library-api.ts';
import { pathOfPlace, type LibraryPlace } from '../navigation/library-place.ts';
import {
  changesSince,
  isOutdated,
  mayLack,
  ownChanges,
  withOwnChanges,
  type Moment,
  type ReadList,
} from '../http/own-changes.ts';

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

const PAGE = 50;
/** As much as the server lists at once. */
const PAGE_MAX = 100;
/** A server that takes longer is not waited for with an empty page. */
const SLOW_MS = 600;

type Answer = ReadList & Pick<DocumentList, 'nextCursor'> & { readonly wasEmpty: boolean };

interface State {
  /** Path of the place that was listed. */
  readonly path: string;
  readonly isSearch: boolean;
  /** What the server said of it. */
  readonly answer: Answer | null;
  /** Shown in place of an answer: what this browser knows. */
  readonly known: KnownLibrary | null;
  /** How the last question went. */
  readonly problem: 'unreachable' | 'failed' | null;
}

const nothing = { answer: null, known: null, problem: null } as const;
const loading: Listing = { phase: 'loading' };
const failed: Listing = { phase: 'failed' };

export function useLibrary(place: LibraryPlace): Library {
  const path = pathOfPlace(place);
  const isSearch = place.search !== null;
  const device = useKeptDocuments();
  const { kept, isKnown: isDeviceKnown, refresh: refreshKept, bringUpToDate } = device;
  const changes = useSyncExternalStore(ownChanges.subscribe, ownChanges.snapshot);
  const [state, setState] = useState<State>({ path, isSearch, ...nothing });
  const count = state.answer?.documents.length ?? 0;
  /** Numbers of questions: the last one that was asked, and the newest that is settled. */
  const turns = useRef({ asked: 0, settled: 0 });

  const known = useMemo(() => {
    const shown = changes.filter(({ hasFailed }) => !hasFailed);
    return shown.reduce<KnownLibrary | null>(
      (all, { id, what }) => (all === null ? null : changeKnown(all, id, what)),
      state.known,
    );
  }, [state.known, changes]);
  const listing = useMemo((): Listing => {
    const { answer, problem } = state;
    const isOffline = problem === 'unreachable';
    if (known !== null) {
      // Known of all places, so that there is nothing to wait for.
      const documents = listOffline(known, kept, place);
      if (known.length > 0 || kept.size > 0) {
        return { phase: 'listed', documents, nextCursor: null, wasEmpty: false, isOffline };
      }
      return isDeviceKnown && isOffline ? failed : loading;
    }
    // While somebody types a search, the hits so far stay until others are here.
    if (state.path !== path && !(isSearch && state.isSearch)) return loading;
    if (answer === null) return problem === null ? loading : failed;
    const since = changesSince(changes, answer.askedAt);
    const documents = listOnline(withOwnChanges(answer.documents, since, place), kept, place);
    // What may be about to come is not said to be nothing.
    if (documents.length === 0 && problem === null && mayLack(answer, changes)) return loading;
    const { nextCursor, wasEmpty } = answer;
    return { phase: 'listed', documents, nextCursor, wasEmpty, isOffline };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the path is the place
  }, [state, known, changes, kept, isDeviceKnown, path]);

  const load = useCallback(
    (limit: number): (() => void) => {
      let isLeft = false;
      let isSettled = false;
      turns.current.asked += 1;
      const turn = turns.current.asked;
      /** False for one that a newer question overtook: it may tell of a time before. */
      const settle = (): boolean => {
        isSettled = true;
        clearTimeout(slow);
        const isNewest = turn > turns.current.settled;
        if (isNewest) turns.current.settled = turn;
        return isNewest && !isLeft;
      };
      const showKnown = async (problem: State['problem']): Promise<void> => {
        const known = await knownHere();
        if (isLeft || turn < turns.current.settled || (isSettled && problem === null)) return;
        setState((old) => {
          if (problem === null && old.path === path && old.answer !== null) return old;
          // Nothing can be kept in this browser: old is better than nothing.
          if (known.length === 0 && old.path === path && old.answer !== null) return { ...old, problem }; // prettier-ignore
          return { path, isSearch, answer: null, known, problem };
        });
      };
      const slow = setTimeout(() => void showKnown(null), SLOW_MS);
      const askedAt = ownChanges.now;
      listPlace(place, { limit }).then(
        (list) => {
          const wasEmpty = list.documents.length === 0;
          learn(place, list, { isStart: true, askedAt });
          if (!settle()) return;
          const answer = { ...list, wasEmpty, askedAt, answeredAt: ownChanges.now };
          setState({ path, isSearch, ...nothing, answer });
          refreshKept();
          bringUpToDate(list.documents);
        },
        (error: unknown) => {
          if (!settle()) return;
          if (isUnreachable(error)) return void showKnown('unreachable');
          // A list that is shown stays: old is better than nothing.
          setState((old) =>
            old.path === path && old.answer !== null
              ? { ...old, problem: 'failed' }
              : { path, isSearch, ...nothing, problem: 'failed' },
          );
        },
      );
      return () => {
        isLeft = true;
        clearTimeout(slow);
      };
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the path is the place
    [path, refreshKept, bringUpToDate],
  );
  useEffect(() => {
    const numbers = turns.current;
    const leave = load(PAGE);
    return () => {
      leave();
      // All questions about this place are overtaken: what they are answered is not shown in the next.
      numbers.asked += 1;
      numbers.settled = numbers.asked;
    };
  }, [load]);

  const refresh = useCallback(() => {
    // Of a longer list only the beginning could be had at once: it stays as it is.
    if (count <= PAGE_MAX) load(Math.max(PAGE, count));
    refreshKept();
  }, [load, count, refreshKept]);
  useEffect(() => {
    // Coming back to this tab, people expect to see what changed meanwhile.
    addEventListener('focus', refresh);
    return () => removeEventListener('focus', refresh);
  }, [refresh]);
  useEffect(() => whenLeftBehindIsSent(refresh), [refresh]);
  useRetry(state.problem === 'unreachable', refresh);
  const { answer } = state;
  const isToBeReadAgain = answer !== null && isOutdated(answer, changes);
  useEffect(() => {
    if (isToBeReadAgain) refresh();
  }, [isToBeReadAgain, answer, refresh]);
  useEffect(() => {
    // Not before it is shown: the answer before it needs them.
    if (answer !== null) ownChanges.forgetSettledBefore(answer.askedAt);
  }, [answer]);

  const reload = useCallback(() => {
    setState((old) => ({ ...old, ...nothing }));
    load(PAGE);
  }, [load]);

  const showMore = async (): Promise<void> => {
    const cursor = state.answer?.nextCursor ?? null;
    if (cursor === null) return;
    const askedAt = ownChanges.now;
    const next = await listPlace(place, { limit: PAGE, cursor });
    learn(place, next, { isStart: false, askedAt });
    setState((old) => {
      if (old.path !== path || old.answer === null) return old;
      // A document that moved up meanwhile is not shown twice.
      const shown = new Set(old.answer.documents.map(({ id }) => id));
      const documents = next.documents.filter(({ id }) => !shown.has(id));
      const { nextCursor } = next;
      const all = [...old.answer.documents, ...documents];
      return { ...old, answer: { ...old.answer, documents: all, nextCursor } };
    });
  };

  const knownFolders = useMemo(() => (known === null ? null : foldersOf(known)), [known]);
  return { listing, device, knownFolders, reload, showMore };
}

/** Keeps an answer for times without the server, with the changes that it may be without. */
function learn(
  place: LibraryPlace,
  { documents, nextCursor }: DocumentList,
  { isStart, askedAt }: { readonly isStart: boolean; readonly askedAt: Moment },
): void {
  const since = changesSince(ownChanges.snapshot(), askedAt);
  const list = { documents: [...withOwnChanges(documents, since, place)], nextCursor };
  remember((known) => learnList(known, place, list, { isStart, nowMs: Date.now() }));
}

/** No answer, or one of a server that is not well; not one that refuses. */
function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
