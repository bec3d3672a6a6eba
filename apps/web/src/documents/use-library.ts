/** The list that a place shows: read, read on, and changed at once where the person changed something. */
import type { DocumentId, ListedDocument } from '@concord/protocol';
import { useCallback, useEffect, useState } from 'react';
import { listPlace } from './library-api.ts';
import { pathOfPlace, type LibraryPlace } from './library-place.ts';

export type Listing =
  | { readonly phase: 'loading' }
  | { readonly phase: 'failed' }
  | {
      readonly phase: 'listed';
      readonly documents: readonly ListedDocument[];
      readonly nextCursor: string | null;
      /** The server had none: nothing was taken out here. */
      readonly wasEmpty: boolean;
    };

export interface Library {
  readonly listing: Listing;
  /** From the beginning, after a failure. */
  readonly reload: () => void;
  /** As it is now on the server; what is shown stays until it is here. */
  readonly refresh: () => void;
  readonly showMore: () => Promise<void>;
  /** What the page knows before the server says it. Null takes the document out of the list. */
  readonly change: (id: DocumentId, change: Partial<ListedDocument> | null) => void;
}

const PAGE = 50;
/** As much as the server lists at once. */
const PAGE_MAX = 100;

interface State {
  /** Path of the place that was listed. */
  readonly path: string;
  readonly isSearch: boolean;
  readonly listing: Listing;
}

const loading: Listing = { phase: 'loading' };

export function useLibrary(place: LibraryPlace): Library {
  const path = pathOfPlace(place);
  const isSearch = place.search !== null;
  const [state, setState] = useState<State>({ path, isSearch, listing: loading });
  // While somebody types a search, the hits so far stay until others are here.
  const isShown = state.path === path || (isSearch && state.isSearch);
  const listing = isShown ? state.listing : loading;
  const count = state.listing.phase === 'listed' ? state.listing.documents.length : 0;

  const load = useCallback(
    (limit: number): (() => void) => {
      let isLeft = false;
      listPlace(place, { limit }).then(
        ({ documents, nextCursor }) => {
          const wasEmpty = documents.length === 0;
          const listed: Listing = { phase: 'listed', documents, nextCursor, wasEmpty };
          if (!isLeft) setState({ path, isSearch, listing: listed });
        },
        () => {
          if (isLeft) return;
          // A list that is shown stays: old is better than nothing.
          setState((old) =>
            old.path === path && old.listing.phase === 'listed'
              ? old
              : { path, isSearch, listing: { phase: 'failed' } },
          );
        },
      );
      return () => void (isLeft = true);
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the path is the place
    [path],
  );
  useEffect(() => load(PAGE), [load]);

  const refresh = useCallback(() => {
    // Of a longer list only the beginning could be had at once: it stays as it is.
    if (count <= PAGE_MAX) load(Math.max(PAGE, count));
  }, [load, count]);
  useEffect(() => {
    // Coming back to this tab, people expect to see what changed meanwhile.
    addEventListener('focus', refresh);
    return () => removeEventListener('focus', refresh);
  }, [refresh]);

  const reload = useCallback(() => {
    setState((old) => ({ ...old, listing: loading }));
    load(PAGE);
  }, [load]);

  const showMore = async (): Promise<void> => {
    if (listing.phase !== 'listed' || listing.nextCursor === null) return;
    const next = await listPlace(place, { limit: PAGE, cursor: listing.nextCursor });
    setState((old) => {
      if (old.path !== path || old.listing.phase !== 'listed') return old;
      // A document that moved up meanwhile is not shown twice.
      const shown = new Set(old.listing.documents.map(({ id }) => id));
      const documents = next.documents.filter(({ id }) => !shown.has(id));
      return {
        ...old,
        listing: {
          ...old.listing,
          documents: [...old.listing.documents, ...documents],
          nextCursor: next.nextCursor,
        },
      };
    });
  };

  const change = useCallback((id: DocumentId, what: Partial<ListedDocument> | null): void => {
    setState((old) => {
      if (old.listing.phase !== 'listed') return old;
      const { documents } = old.listing;
      const changed =
        what === null
          ? documents.filter((document) => document.id !== id)
          : documents.map((each) => (each.id === id ? { ...each, ...what } : each));
      return { ...old, listing: { ...old.listing, documents: changed } };
    });
  }, []);

  return { listing, reload, refresh, showMore, change };
}
