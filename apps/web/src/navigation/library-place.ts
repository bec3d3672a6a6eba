/** A place of the library: view, folder and search. Encoded in the address, so that Back works. Pure. */
import { documentViewSchema, type DocumentView } from '@concord/protocol';

export interface LibraryPlace {
  readonly view: DocumentView;
  /** Within the view `all`; null for any folder. */
  readonly folder: string | null;
  /** Null without a search. */
  readonly search: string | null;
}

export const views: readonly DocumentView[] = documentViewSchema.options;
export const everything: LibraryPlace = { view: 'all', folder: null, search: null };

/** @param query of the address, such as `?view=starred`; invalid parts are ignored */
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

/** The query as both the address and the API use it. */
export function queryOfPlace({ view, folder, search }: LibraryPlace): URLSearchParams {
  return new URLSearchParams({
    ...(view !== 'all' && { view }),
    ...(folder !== null && { folder }),
    ...(search !== null && { q: search }),
  });
}

/** A search covers all documents; only one started in the trash covers the trash. */
export function searchFrom({ view }: LibraryPlace, search: string): LibraryPlace {
  const kept = view === 'trash' ? view : 'all';
  return { view: kept, folder: null, search: search === '' ? null : search };
}
