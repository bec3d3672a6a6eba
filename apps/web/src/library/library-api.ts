/** REST calls for lists of documents and actions on listed documents. All reject with an `ApiError`. */
import {
  documentListSchema,
  documentSchema,
  folderListSchema,
  type DocumentId,
  type DocumentList,
  type DocumentResource,
  type FolderList,
  type ListedDocument,
} from '@concord/protocol';
import { changeKnown } from '../device/kept-list.ts';
import { request } from '../http/api.ts';
import { remember } from './known-here.ts';
import { ownChanges, type ChangeOfListed } from '../http/own-changes.ts';
import { queryOfPlace, type LibraryPlace } from '../navigation/library-place.ts';

export function listPlace(
  place: LibraryPlace,
  page: { readonly cursor?: string; readonly limit?: number } = {},
): Promise<DocumentList> {
  const query = queryOfPlace(place);
  if (page.cursor !== undefined) query.set('cursor', page.cursor);
  if (page.limit !== undefined) query.set('limit', String(page.limit));
  return request(`/documents?${query.toString()}`, documentListSchema);
}

export async function listFolders(): Promise<FolderList['folders']> {
  return (await request('/folders', folderListSchema)).folders;
}

/** Completed also when the page unloads, since the list already shows the change as done. */
const own = { keepalive: true } as const;

/** Changes the person's own organization of a document (star, folder), which others do not see. */
export function organize(
  id: DocumentId,
  change: Partial<Pick<ListedDocument, 'starred' | 'folder'>>,
): Promise<DocumentResource> {
  return changeListed(id, change, () =>
    request(`/documents/${id}`, documentSchema, { ...own, method: 'PATCH', body: change }),
  );
}

export async function moveToTrash(id: DocumentId): Promise<void> {
  await changeListed(id, { trashedAt: Date.now() }, () =>
    request(`/documents/${id}`, null, { ...own, method: 'DELETE' }),
  );
}

export function restoreDocument(id: DocumentId): Promise<DocumentResource> {
  return changeListed(id, { trashedAt: null }, () =>
    request(`/documents/${id}/restore`, documentSchema, { ...own, method: 'POST' }),
  );
}

/** Permanently deletes a document in the trash. */
export async function deletePermanently(id: DocumentId): Promise<void> {
  await changeListed(id, null, () =>
    request(`/documents/${id}?forever=true`, null, { ...own, method: 'DELETE' }),
  );
}

/** Applies a change optimistically to lists, and to the cached library once it is done. */
async function changeListed<T>(
  id: DocumentId,
  what: ChangeOfListed,
  work: () => Promise<T>,
): Promise<T> {
  const done = await ownChanges.make(id, what, work);
  remember((known) => changeKnown(known, id, what));
  return done;
}
