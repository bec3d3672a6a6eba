/** Lists of documents, and what one does with a document in them. All reject with an `ApiError`. */
import {
  documentListSchema,
  documentSchema,
  folderListSchema,
  type ChangeDocument,
  type DocumentId,
  type DocumentList,
  type DocumentResource,
  type FolderList,
} from '@concord/protocol';
import { request } from './api.ts';
import { queryOfPlace, type LibraryPlace } from './library-place.ts';

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

/** What is one's own of a document: others do not see it. */
export function organize(
  id: DocumentId,
  change: Pick<ChangeDocument, 'starred' | 'folder'>,
): Promise<DocumentResource> {
  return request(`/documents/${id}`, documentSchema, { method: 'PATCH', body: change });
}

export async function moveToTrash(id: DocumentId): Promise<void> {
  await request(`/documents/${id}`, null, { method: 'DELETE' });
}

export function restoreDocument(id: DocumentId): Promise<DocumentResource> {
  return request(`/documents/${id}/restore`, documentSchema, { method: 'POST' });
}

/** Of one that is in the trash. */
export async function deleteForEver(id: DocumentId): Promise<void> {
  await request(`/documents/${id}?forever=true`, null, { method: 'DELETE' });
}
