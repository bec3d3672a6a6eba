/** Document resources of the REST API, as the principal may see them. */
import {
  documentPath,
  type DocumentResource,
  type ListedDocument,
  type Role,
} from '@concord/protocol';
import { guestName } from '../access/guest-names.ts';
import { limitedRole, may } from '../access/core/permissions.ts';
import { askerOf, type Principal } from '../access/principal.ts';
import type { AccessedDocument } from '../documents/document-access.ts';
import { documentNotFound } from '../documents/document-error.ts';
import type { CreatedDocument, DocumentService } from '../documents/document-service.ts';
import type { LibraryEntry } from '../store/ports/library-store.ts';

/** As it is now. Rejects with DocumentError `notFound` when it is gone meanwhile. */
export async function readResource(
  documents: Pick<DocumentService, 'entry'>,
  accessed: Pick<AccessedDocument, 'id' | 'principal' | 'role'>,
): Promise<DocumentResource> {
  return resourceOf(await documents.entry(accessed), accessed.role);
}

/** Of a document that its owner is about to create: as {@link readResource} reads it afterwards. */
export function newResource(
  { record, anyone, operations, folder, ownerName }: CreatedDocument,
  owner: Principal,
): DocumentResource {
  const entry = {
    ...record,
    anyone,
    titleVersion: 0,
    version: operations.length,
    ownerId: record.createdBy,
    ownerName,
    trashedAt: null,
    starred: false,
    folder,
    visitedAt: null,
    passage: null,
  };
  const role = limitedRole('owner', askerOf(owner));
  if (role === null) throw documentNotFound();
  return resourceOf(entry, role);
}

export function listedResource(entry: LibraryEntry, principal: Principal): ListedDocument {
  const role = limitedRole(entry.role, askerOf(principal));
  if (role === null) throw documentNotFound();
  const resource = resourceOf(entry, role);
  return entry.passage === null ? resource : { ...resource, passage: entry.passage };
}

function resourceOf(entry: Omit<LibraryEntry, 'role'>, role: Role): DocumentResource {
  const { id, title, titleVersion, version, createdAt, updatedAt, anyone, trashedAt } = entry;
  const url = documentPath(id, title);
  return {
    id,
    title,
    titleVersion,
    version,
    createdAt,
    updatedAt,
    url,
    role,
    anyone,
    owner: { userId: entry.ownerId, name: entry.ownerName ?? guestName(entry.ownerId) },
    trashedAt,
    starred: entry.starred,
    folder: entry.folder,
    visitedAt: entry.visitedAt,
    links: linksOf(entry, role, url),
  };
}

/** Only links that the principal may use. */
function linksOf(
  { id, trashedAt }: Pick<LibraryEntry, 'id' | 'trashedAt'>,
  role: Role,
  page: string,
): Record<string, string> {
  const self = `/api/v1/documents/${id}`;
  return {
    self,
    page,
    text: `${self}/text`,
    snapshot: `${self}/snapshot`,
    ...(may(role, 'share') && { people: `${self}/people`, shareLinks: `${self}/links` }),
    ...(may(role, 'delete') && trashedAt !== null && { restore: `${self}/restore` }),
  };
}
