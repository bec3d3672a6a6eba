/** Which documents a person may read and is related to: of what others have, nothing is read. */
import type { DocumentId, DocumentView, Role } from '@concord/protocol';
import type { Filter } from 'mongodb';
import { currentRole } from '../../access/core/permissions.ts';
import { compareText } from '../../platform/core/text-order.ts';
import type { Cursor } from '../cursor.ts';
import type { SearchScope } from '../search/hit-pages.ts';
import { peopleOf } from './access.ts';
import type { Collections, DocumentRow, PersonalRow, ShareLinkRow } from './collections.ts';

/** A document that a person may read and is related to, with its sort key in the view. */
export interface Listed {
  readonly id: DocumentId;
  readonly sort: number;
  readonly row: DocumentRow;
  readonly role: Role;
  readonly personal: PersonalRow | undefined;
}

export type Found = Pick<Listed, 'row' | 'personal'>;

/** Sort key in each view; null for what the view does not list. */
const views: Readonly<Record<DocumentView, (found: Found, own: Role | null) => number | null>> = {
  all: ({ row }) => row.updatedAt,
  recent: ({ personal }) => personal?.visitedAt ?? null,
  starred: ({ row, personal }) => (personal?.starred === true ? row.updatedAt : null),
  shared: ({ row }, own) => (own === 'owner' ? null : row.updatedAt),
  trash: ({ row }, own) => (own === 'owner' ? row.trashedAt : null),
};

/** The field of a document that a view is sorted by; null for one of the person. */
const sortFields = {
  all: 'updatedAt',
  recent: null,
  starred: 'updatedAt',
  shared: 'updatedAt',
  trash: 'trashedAt',
} as const;

/** All of a document but what lists do not show. */
const projection = { renames: 0 } as const;

/** What a person has beside the documents, and the filter of those that can be listed. */
interface Related {
  readonly filter: Filter<DocumentRow>;
  readonly personalOf: ReadonlyMap<DocumentId, PersonalRow>;
  readonly linksOf: ReadonlyMap<DocumentId, readonly ShareLinkRow[]>;
}

async function relatedOf(
  rows: Collections,
  { userId, view, folder }: SearchScope,
  among: readonly DocumentId[] | null,
): Promise<Related> {
  const only = among === null ? {} : { documentId: { $in: [...among] } };
  const [personals, openings] = await Promise.all([
    rows.personal.find({ userId, ...only }).toArray(),
    rows.linkOpenings.find({ userId, ...only }).toArray(),
  ]);
  const links = await rows.shareLinks
    .find({ _id: { $in: openings.map(({ linkId }) => linkId) } })
    .toArray();
  const linksOf = new Map<DocumentId, ShareLinkRow[]>();
  for (const link of links) {
    linksOf.set(link.documentId, [...(linksOf.get(link.documentId) ?? []), link]);
  }
  const related = [...personals, ...openings].map(({ documentId }) => documentId);
  // Stars and folders are the person's: with them only these documents are looked at.
  const chosen = personals.filter(
    (row) =>
      (view !== 'starred' || row.starred === true) &&
      (view !== 'recent' || typeof row.visitedAt === 'number') &&
      (folder === null || folder === '' || row.folder === folder),
  );
  const isChosen = view === 'starred' || view === 'recent' || (folder !== null && folder !== '');
  const limits: Filter<DocumentRow>[] = [
    { $or: [{ 'people.userId': userId }, { _id: { $in: related } }] },
    { trashedAt: view === 'trash' ? { $ne: null } : null },
  ];
  if (among !== null) limits.push({ _id: { $in: [...among] } });
  if (isChosen) limits.push({ _id: { $in: chosen.map(({ documentId }) => documentId) } });
  return {
    filter: { $and: limits },
    personalOf: new Map(personals.map((row) => [row.documentId, row])),
    linksOf,
  };
}

/** Null for a document that the person may not read, or that the view does not list. */
function listedIn(
  { personalOf, linksOf }: Related,
  { userId, view, folder, now }: SearchScope,
  row: DocumentRow,
): Listed | null {
  const links = linksOf.get(row._id) ?? [];
  const people = peopleOf(row);
  const access = {
    epoch: row.accessEpoch,
    anyone: row.anyone,
    isTrashed: row.trashedAt !== null,
    people,
    links: links.map(({ _id: id, role, expiresAt }) => ({ id, role, expiresAt })),
    opened: new Map([[userId, links.map(({ _id }) => _id)]]),
  };
  const personal = personalOf.get(row._id);
  const isRelated = people.has(userId) || links.length > 0 || personal !== undefined;
  const { role } = currentRole(access, { userId }, now);
  const sort = views[view]({ row, personal }, people.get(userId) ?? null);
  if (!isRelated || role === null || sort === null) return null;
  if (folder !== null && (personal?.folder ?? '') !== folder) return null;
  return { id: row._id, sort, row, role, personal };
}

/** Unordered. */
export async function listed(
  rows: Collections,
  scope: SearchScope,
  among: readonly DocumentId[] | null = null,
): Promise<readonly Listed[]> {
  const related = await relatedOf(rows, scope, among);
  const found = await rows.documents.find(related.filter, { projection }).toArray();
  return found.flatMap((row) => listedIn(related, scope, row) ?? []);
}

/** Descending, ties by id. */
function inListOrder(one: Cursor, other: Cursor): number {
  return other.sort - one.sort || compareText(one.id, other.id);
}

/** In the order of the view, behind a place: as far as it is read, the database reads. */
export async function* listedInOrder(
  rows: Collections,
  scope: SearchScope,
  after: Cursor | null,
  batchSize: number,
): AsyncGenerator<Listed> {
  const field = sortFields[scope.view];
  if (field === null) {
    const all = (await listed(rows, scope)).filter(
      (place) => after === null || inListOrder(place, after) > 0,
    );
    return yield* all.sort(inListOrder);
  }
  const related = await relatedOf(rows, scope, null);
  const behind: Filter<DocumentRow> =
    after === null
      ? {}
      : {
          $or: [
            { [field]: { $lt: after.sort } },
            { [field]: after.sort, _id: { $gt: after.id as DocumentId } },
          ],
        };
  const found = rows.documents.find(
    { $and: [related.filter, behind] },
    { projection, sort: { [field]: -1, _id: 1 }, batchSize },
  );
  for await (const row of found) {
    const place = listedIn(related, scope, row);
    if (place !== null) yield place;
  }
}
