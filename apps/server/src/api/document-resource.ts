/** Documents as the REST API shows them to the one who asks. */
import {
  documentPath,
  type DocumentResource,
  type ListedDocument,
  type Role,
} from '@concord/protocol';
import { guestName } from '../access/guest-names.ts';
import { limitedRole, may } from '../access/core/permissions.ts';
import { askerOf, userIdOf, type Principal } from '../access/principal.ts';
import { notFound } from '../http/problem.ts';
import type { LibraryEntry } from '../store/ports/library-store.ts';
import type { FirstText } from '../store/ports/store.ts';
import type { ApiContext } from './context.ts';
import type { AccessedDocument } from './document-access.ts';

/** As it is now. Rejects with a Problem 404 when it is gone meanwhile. */
export async function readResource(
  { store }: Pick<ApiContext, 'store'>,
  { id, principal, role }: Pick<AccessedDocument, 'id' | 'principal' | 'role'>,
): Promise<DocumentResource> {
  const entry = await store.library.entry(id, userIdOf(principal));
  if (entry === null) throw notFound();
  return resourceOf(entry, role);
}

/** Of a document that its owner is about to create: as {@link readResource} reads it afterwards. */
export function newResource(
  { record, anyone, operations, folder }: FirstText,
  ownerName: string | null,
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
  if (role === null) throw notFound();
  return resourceOf(entry, role);
}

export function listedResource(entry: LibraryEntry, principal: Principal): ListedDocument {
  const role = limitedRole(entry.role, askerOf(principal));
  if (role === null) throw notFound();
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

/** Only what the one who asks may use. */
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
