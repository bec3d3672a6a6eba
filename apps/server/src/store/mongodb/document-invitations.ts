/** Invitations to documents, in MongoDB. */
import type { DocumentId } from '@concord/protocol';
import type {
  DocumentInvitationRecord,
  DocumentInvitationRepository,
} from '../ports/document-invitation-store.ts';
import { peopleOf, raise } from './access.ts';
import {
  decided,
  goneAfter,
  type Collections,
  type DocumentInvitationRow,
  type DocumentRow,
} from './collections.ts';
import { queues, type Core } from './core.ts';
import type { Transaction } from './work.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const oldestFirst = { createdAt: 1, _id: 1 } as const;

export function documentInvitations({ rows, work }: Core): DocumentInvitationRepository {
  const table = rows.documentInvitations;
  const answered = <A>(
    id: string,
    none: A,
    answer: (row: DocumentInvitationRow, document: DocumentRow, tx: Transaction) => Promise<A>,
    { userId, now }: { readonly userId: string; readonly now: number },
  ): Promise<A> => {
    return work.transaction(queues.row(id), async (tx) => {
      const row = await table.findOne({ _id: id, userId, declinedAt: null }, tx);
      const document =
        row === null ? null : await rows.documents.findOne({ _id: row.documentId }, tx);
      if (row === null || document === null || !isOpen(row, document, now)) return none;
      return answer(row, document, tx);
    });
  };
  return {
    invite: (invitation) =>
      work.transaction(queues.document(invitation.documentId), (tx) =>
        invite(rows, invitation, tx),
      ),
    ofDocument: (documentId, now) =>
      work.read(async () => {
        const document = await rows.documents.findOne({ _id: documentId }, decided);
        if (document === null) return [];
        const found = await table
          .find({ documentId, isWithdrawn: false }, { ...decided, sort: oldestFirst })
          .toArray();
        return found.filter((row) => isOpen(row, document, now)).map(recordIn);
      }),
    openCountBy: (userId, now) =>
      work.read(() =>
        table.countDocuments({ invitedBy: userId, expiresAt: { $gt: now } }, decided),
      ),
    withdraw: (documentId, id, now) =>
      work.transaction(queues.document(documentId), async (tx) => {
        const row = await table.findOne({ _id: id, documentId }, tx);
        const document = await rows.documents.findOne({ _id: documentId }, tx);
        if (row === null || document === null || !isOpen(row, document, now)) return false;
        // A declined invitation is kept until it expires, so that the person is not invited again.
        const kept = row.declinedAt === null ? now + DAY_MS : Infinity;
        const expiresAt = Math.min(row.expiresAt, kept);
        await table.updateOne({ _id: id }, { $set: { isWithdrawn: true, expiresAt } }, tx);
        return true;
      }),
    receivedBy: (userId, now, limit) =>
      work.read(async () => {
        const found = await table
          .find(
            { userId, declinedAt: null, isWithdrawn: false, expiresAt: { $gt: now } },
            { ...decided, sort: oldestFirst },
          )
          .toArray();
        const ids = [...new Set(found.map(({ documentId }) => documentId))];
        const documents = new Map(
          (await rows.documents.find({ _id: { $in: ids } }, decided).toArray()).map((row) => [
            row._id,
            row,
          ]),
        );
        return found
          .flatMap((row) => {
            const document = documents.get(row.documentId);
            if (document === undefined || document.trashedAt !== null) return [];
            if (!isOpen(row, document, now)) return [];
            const { _id: id, role, invitedBy, createdAt, expiresAt } = row;
            return [{ id, title: document.title, role, invitedBy, createdAt, expiresAt }];
          })
          .slice(0, limit);
      }),
    accept: (id, userId, now) =>
      answered<DocumentId | null>(
        id,
        null,
        async ({ documentId, role }, { trashedAt }, tx) => {
          if (trashedAt !== null) return null;
          await raise(rows, { documentId, userId, role }, tx);
          await table.deleteOne({ _id: id }, tx);
          return documentId;
        },
        { userId, now },
      ),
    decline: (id, userId, now) =>
      answered(
        id,
        false,
        async (_row, _document, tx) => {
          await table.updateOne({ _id: id }, { $set: { declinedAt: now } }, tx);
          return true;
        },
        { userId, now },
      ),
    removeExpired: (now) =>
      work.write(queues.row('documentInvitations'), async () => {
        await table.deleteMany({ expiresAt: { $lte: now } });
      }),
  };
}

/** Not withdrawn, not expired, and by a person who is still an owner. */
function isOpen(
  { isWithdrawn, expiresAt, invitedBy }: DocumentInvitationRow,
  document: DocumentRow,
  now: number,
): boolean {
  return !isWithdrawn && expiresAt > now && peopleOf(document).get(invitedBy) === 'owner';
}

function recordIn(row: DocumentInvitationRow): DocumentInvitationRecord {
  const { _id: id, documentId, invitedBy, invited, userId, role, createdAt, expiresAt } = row;
  return { id, documentId, invitedBy, invited, userId, role, createdAt, expiresAt };
}

async function invite(
  rows: Collections,
  invitation: DocumentInvitationRecord,
  tx: Transaction,
): Promise<string> {
  const { id: ownId, ...fields } = invitation;
  const { documentId, invited, userId, createdAt, expiresAt } = invitation;
  const table = rows.documentInvitations;
  const ofDocument = await table.find({ documentId }, tx).toArray();
  const former = ofDocument.find((row) => row.invited === invited && !row.isWithdrawn);
  const _id = former?._id ?? ownId;
  const isThere = await rows.documents.findOne({ _id: documentId }, { ...tx, projection: { _id: 1 } }); // prettier-ignore
  if (isThere === null) return _id;
  const declined = ofDocument
    .filter((row) => userId !== null && row.userId === userId && row.expiresAt > createdAt)
    .flatMap(({ declinedAt }) => (declinedAt === null ? [] : [declinedAt]));
  const declinedAt = declined.length === 0 ? null : Math.max(...declined);
  const row = { ...fields, declinedAt, isWithdrawn: false, goneAt: goneAfter(expiresAt) };
  if (former === undefined) await table.insertOne({ _id, ...row }, tx);
  else await table.replaceOne({ _id }, row, tx);
  return _id;
}
