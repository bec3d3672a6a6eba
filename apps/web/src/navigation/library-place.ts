/** What of one's documents the list shows: a view, a folder, a search. It is in the address, so that Back works. Pure. */
import { documentViewSchema, type DocumentView } from '@concord/protocol';

export interface LibraryPlace {
  readonly view: DocumentView;
  /** Of the view `all`; null for whatever folder. */
  readonly folder: string | null;
  /** Null for no search. */
  readonly search: string | null;
}

export const views: readonly DocumentView[] = documentViewSchema.options;
export const everything: LibraryPlace = { view: 'all', folder: null, search: null };

/** @param query of the address, such as `?view=starred`; what makes no sense in it is left out */
export function placeOfQuery(query: string): LibraryPlace {
  const parameters = new URLSearchParams(query);
  const named = parameters.get('view');
  const view = views.find((each) => each === named) ?? 'all';
  const folder = view === 'all' ? parameters.get('folder')?.trim() || null : null;
  return { view, folder, search: parameters.get('q')?.trim() || null };
}

export function pathOfPlace(place: LibraryPlace): string {
  const query = queryOfPlace(place).toString();
  return query === '' ? '/' : `/?${query}`;
}

/** As the address and the API both have it. */
export function queryOfPlace({ view, folder, search }: LibraryPlace): URLSearchParams {
  return new URLSearchParams({
    ...(view !== 'all' && { view }),
    ...(folder !== null && { folder }),
    ...(search !== null && { q: search }),
  });
}

/** A search goes through everything; only what is in the trash is looked for in the trash. */
export function searchFrom({ view }: LibraryPlace, search: string): LibraryPlace {
  const kept = view === 'trash' ? view : 'all';
  return { view: kept, folder: null, search: search === '' ? null : search };
}
