/** Access lists, in MongoDB. */
import {
  higherRole,
  LINK_OPENINGS_PER_DOCUMENT,
  type DocumentId,
  type Role,
} from '@concord/protocol';
import type { DocumentAccess } from '../../access/core/permissions.ts';
import {
  LastOwnerError,
  type AccessRepository,
  type DocumentRevision,
  type ShareLinkChange,
  type ShareLinkRecord,
} from '../ports/access-store.ts';
import {
  decided,
  keyOf,
  type Collections,
  type DocumentRow,
  type PersonRole,
  type ShareLinkRow,
} from './collections.ts';
import { queues, type Core } from './core.ts';
import { keeping } from './kept-answers.ts';
import type { Transaction } from './work.ts';

export function access(core: Core): AccessRepository {
  const { rows, work } = core;
  return {
    get: (documentId) => work.read(() => accessOf(rows, documentId, {})),
    getFor: (documentId, userId) =>
      work.read(() => accessOf(rows, documentId, { userId: userId ?? '' })),
    revisions: (documentIds) =>
      work.read(async () => {
        const found = await rows.documents
          .find(
            { _id: { $in: [...documentIds] } },
            { ...decided, projection: { accessEpoch: 1, titleVersion: 1 } },
          )
          .toArray();
        return new Map<DocumentId, DocumentRevision>(
          found.map(({ _id, accessEpoch, titleVersion }) => [
            _id,
            { epoch: accessEpoch, titleVersion },
          ]),
        );
      }),
    setAnyone: (documentId, anyone) =>
      work.write(queues.document(documentId), async () => {
        await rows.documents.updateOne(
          { _id: documentId },
          { $set: { anyone }, $inc: { accessEpoch: 1 } },
        );
      }),
    grant: (documentId, userId, role) =>
      work.transaction(queues.document(documentId), (tx) =>
        grant(rows, { documentId, userId, role }, tx),
      ),
    revoke: (documentId, userId, kept) =>
      keeping(core, queues.document(documentId), kept, (tx) =>
        revoke(rows, documentId, userId, tx),
      ),
    addLink: (link, kept) =>
      keeping(core, queues.document(link.documentId), kept, (tx) => addLink(rows, link, tx)),
    links: (documentId) =>
      work.read(async () => {
        const [links, openings] = await Promise.all([
          rows.shareLinks
            .find({ documentId }, { ...decided, sort: { createdAt: 1, _id: 1 } })
            .toArray(),
          rows.linkOpenings.find({ documentId }, decided).toArray(),
        ]);
        const people = new Map<string, number>();
        for (const { linkId } of openings) people.set(linkId, (people.get(linkId) ?? 0) + 1);
        return links.map((row) => ({ ...linkIn(row), people: people.get(row._id) ?? 0 }));
      }),
    changeLink: (documentId, linkId, change) =>
      work.transaction(queues.document(documentId), (tx) =>
        changeLink(rows, { documentId, linkId, change }, tx),
      ),
    removeLink: (documentId, linkId, kept) =>
      keeping(core, queues.document(documentId), kept, async (tx) => {
        const { deletedCount } = await rows.shareLinks.deleteOne({ _id: linkId, documentId }, tx);
        if (deletedCount === 0) return false;
        await rows.linkOpenings.deleteMany({ linkId }, tx);
        await raiseEpochs(rows, [documentId], tx);
        return true;
      }),
    linkOfToken: (tokenHash) =>
      work.read(async () => {
        const row = await rows.shareLinks.findOne({ tokenHash }, decided);
        return row === null ? null : linkIn(row);
      }),
    openLink: (linkId, userId, most = LINK_OPENINGS_PER_DOCUMENT) =>
      work.transaction(queues.row(linkId), (tx) => openLink(rows, { linkId, userId, most }, tx)),
  };
}

export function linkIn({ _id: id, ...link }: ShareLinkRow): ShareLinkRecord {
  return { id, ...link };
}

/**
 * The row of the document comes first: what changes while the rest is read gets a later epoch, by which it is noticed.
 * @param whose openings of links to be read; all of them by default
 */
async function accessOf(
  rows: Collections,
  documentId: DocumentId,
  whose: { readonly userId?: string },
): Promise<DocumentAccess | null> {
  const row = await rows.documents.findOne({ _id: documentId }, decided);
  if (row === null) return null;
  const [links, openings] = await Promise.all([
    rows.shareLinks.find({ documentId }, { ...decided, sort: { _id: 1 } }).toArray(),
    rows.linkOpenings.find({ documentId, ...whose }, { ...decided, sort: { linkId: 1 } }).toArray(),
  ]);
  const linkIds = new Set(links.map(({ _id }) => _id));
  const opened = new Map<string, string[]>();
  for (const { linkId, userId } of openings) {
    if (!linkIds.has(linkId)) continue;
    const ids = opened.get(userId) ?? [];
    ids.push(linkId);
    opened.set(userId, ids);
  }
  return {
    epoch: row.accessEpoch,
    anyone: row.anyone,
    isTrashed: row.trashedAt !== null,
    people: peopleOf(row),
    links: links.map(({ _id: id, role, expiresAt }) => ({ id, role, expiresAt })),
    opened,
  };
}

export const peopleOf = ({ people }: Pick<DocumentRow, 'people'>): ReadonlyMap<string, Role> =>
  new Map(people.map(({ userId, role }) => [userId, role]));

/** Within a write. */
export async function raiseEpochs(
  { documents }: Collections,
  ids: readonly DocumentId[],
  tx: Transaction,
): Promise<void> {
  await documents.updateMany({ _id: { $in: [...ids] } }, { $inc: { accessEpoch: 1 } }, tx);
}

interface Grant {
  readonly documentId: DocumentId;
  readonly userId: string;
  readonly role: Role;
}

async function grant(
  rows: Collections,
  { documentId, userId, role }: Grant,
  tx: Transaction,
): Promise<void> {
  const row = await rows.documents.findOne({ _id: documentId }, tx);
  if (row === null) return;
  const others = row.people.filter((person) => person.userId !== userId);
  await setPeople(rows, documentId, [...others, { userId, role }], tx);
}

/** Within a write. Grants the role, unless the person's own is as high. */
export async function raise(
  rows: Collections,
  { documentId, userId, role }: Grant,
  tx: Transaction,
): Promise<void> {
  const row = await rows.documents.findOne({ _id: documentId }, tx);
  const own = row === null ? null : (peopleOf(row).get(userId) ?? null);
  if (higherRole(own, role) !== own) await grant(rows, { documentId, userId, role }, tx);
}

async function setPeople(
  { documents }: Collections,
  documentId: DocumentId,
  people: PersonRole[],
  tx: Transaction,
): Promise<void> {
  if (!people.some(({ role }) => role === 'owner')) {
    throw new LastOwnerError('A document needs at least one owner.');
  }
  await documents.updateOne(
    { _id: documentId },
    { $set: { people }, $inc: { accessEpoch: 1 } },
    tx,
  );
}

async function revoke(
  rows: Collections,
  documentId: DocumentId,
  userId: string,
  tx: Transaction,
): Promise<boolean> {
  const row = await rows.documents.findOne({ _id: documentId }, tx);
  if (row === null) return false;
  const { deletedCount } = await rows.linkOpenings.deleteMany({ documentId, userId }, tx);
  const others = row.people.filter((person) => person.userId !== userId);
  if (others.length === row.people.length && deletedCount === 0) return false;
  // Only those by user id: deleting one by login would reveal whose login it is.
  await rows.documentInvitations.deleteMany({ documentId, invited: userId, declinedAt: null }, tx);
  await setPeople(rows, documentId, others, tx);
  return true;
}

async function addLink(rows: Collections, link: ShareLinkRecord, tx: Transaction): Promise<void> {
  const { id: _id, ...fields } = link;
  const document = await rows.documents.updateOne(
    { _id: link.documentId },
    { $inc: { accessEpoch: 1 } },
    tx,
  );
  if (document.matchedCount === 0) return;
  await rows.shareLinks.insertOne({ _id, ...fields }, tx);
}

interface LinkChange {
  readonly documentId: DocumentId;
  readonly linkId: string;
  readonly change: ShareLinkChange;
}

async function changeLink(
  rows: Collections,
  { documentId, linkId, change: { role, label, passwordHash, expiresAt } }: LinkChange,
  tx: Transaction,
): Promise<boolean> {
  const row = await rows.shareLinks.findOne({ _id: linkId, documentId }, tx);
  if (row === null) return false;
  const changed = {
    role: role ?? row.role,
    label: label ?? row.label,
    passwordHash: passwordHash === undefined ? row.passwordHash : passwordHash,
    expiresAt: expiresAt === undefined ? row.expiresAt : expiresAt,
  };
  await rows.shareLinks.updateOne({ _id: linkId }, { $set: changed }, tx);
  if (typeof passwordHash === 'string') await rows.linkOpenings.deleteMany({ linkId }, tx);
  await raiseEpochs(rows, [documentId], tx);
  return true;
}

interface Opening {
  readonly linkId: string;
  readonly userId: string;
  readonly most: number;
}

async function openLink(
  rows: Collections,
  { linkId, userId, most }: Opening,
  tx: Transaction,
): Promise<boolean> {
  const link = await rows.shareLinks.findOne({ _id: linkId }, tx);
  if (link === null) return true;
  const { documentId } = link;
  const _id = keyOf(linkId, userId);
  if ((await rows.linkOpenings.findOne({ _id }, tx)) !== null) return true;
  if ((await rows.linkOpenings.countDocuments({ documentId }, tx)) >= most) return false;
  await rows.linkOpenings.insertOne({ _id, documentId, linkId, userId }, tx);
  // Also what makes two openings at once conflict, so that no two count the same free place.
  await raiseEpochs(rows, [documentId], tx);
  return true;
}
