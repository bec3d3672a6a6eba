/** Invitations to documents, in memory. */
import { compareText } from '../../platform/core/text-order.ts';
import type { DocumentInvitationRepository } from '../ports/document-invitation-store.ts';
import { raise } from './access.ts';
import type { Boundary } from './boundary.ts';
import type { DocumentInvitationRow, MemoryState } from './memory-state.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

export function documentInvitations(
  state: MemoryState,
  { read, write }: Boundary,
): DocumentInvitationRepository {
  const invitations = state.documentInvitations;
  /** Not withdrawn, not expired, and by a person who is still an owner. */
  const isOpen = ({ record, isWithdrawn }: DocumentInvitationRow, now: number): boolean =>
    !isWithdrawn &&
    record.expiresAt > now &&
    state.documents.get(record.documentId)?.people.get(record.invitedBy) === 'owner';
  /** The open invitation that this person has not answered. */
  const unanswered = (id: string, userId: string, now: number): DocumentInvitationRow | null => {
    const row = invitations.get(id);
    if (row === undefined || row.record.userId !== userId || row.declinedAt !== null) return null;
    return isOpen(row, now) ? row : null;
  };
  const isTrashed = ({ record }: DocumentInvitationRow): boolean =>
    state.documents.get(record.documentId)?.trashedAt !== null;
  return {
    invite: write('documentInvitations.invite', (invitation) => {
      const { documentId, invited, userId, createdAt } = invitation;
      const ofDocument = invitations.filter(({ record }) => record.documentId === documentId);
      const former = ofDocument.find(
        ({ record, isWithdrawn }) => record.invited === invited && !isWithdrawn,
      );
      const id = former?.record.id ?? invitation.id;
      if (!state.documents.has(documentId)) return id;
      const declined = ofDocument
        .filter(({ record }) => userId !== null && record.userId === userId)
        .filter(({ record }) => record.expiresAt > createdAt)
        .flatMap(({ declinedAt }) => (declinedAt === null ? [] : [declinedAt]));
      const declinedAt = declined.length === 0 ? null : Math.max(...declined);
      const row = { record: { ...invitation, id }, declinedAt, isWithdrawn: false };
      if (former === undefined) invitations.add(id, row);
      else invitations.set(id, row);
      return id;
    }),
    ofDocument: read((documentId, now) =>
      invitations
        .filter((row) => row.record.documentId === documentId && isOpen(row, now))
        .map(({ record }) => record)
        .sort(oldestFirst),
    ),
    openCountBy: read(
      (userId, now) =>
        invitations.filter(
          ({ record: { invitedBy, expiresAt } }) => invitedBy === userId && expiresAt > now,
        ).length,
    ),
    withdraw: write('documentInvitations.withdraw', (documentId, id, now) => {
      const row = invitations.get(id);
      if (row?.record.documentId !== documentId || !isOpen(row, now)) return false;
      // A declined invitation is kept until it expires, so that the person is not invited again.
      const { record, declinedAt } = row;
      const kept = declinedAt === null ? now + DAY_MS : Infinity;
      const expiresAt = Math.min(record.expiresAt, kept);
      invitations.set(id, { record: { ...record, expiresAt }, declinedAt, isWithdrawn: true });
      return true;
    }),
    receivedBy: read((userId, now, limit) =>
      invitations
        .filter((row) => unanswered(row.record.id, userId, now) !== null && !isTrashed(row))
        .map(({ record }) => record)
        .sort(oldestFirst)
        .slice(0, limit)
        .map(({ id, documentId, role, invitedBy, createdAt, expiresAt }) => {
          const title = state.documents.get(documentId)?.stored.title ?? '';
          return { id, title, role, invitedBy, createdAt, expiresAt };
        }),
    ),
    accept: write('documentInvitations.accept', (id, userId, now) => {
      const row = unanswered(id, userId, now);
      if (row === null || isTrashed(row)) return null;
      const { documentId, role } = row.record;
      raise(state, documentId, userId, role);
      invitations.delete(id);
      return documentId;
    }),
    decline: write('documentInvitations.decline', (id, userId, now) => {
      const row = unanswered(id, userId, now);
      if (row === null) return false;
      invitations.set(id, { ...row, declinedAt: now });
      return true;
    }),
    removeExpired: write(
      'documentInvitations.removeExpired',
      (now) => void invitations.deleteWhere(({ record }) => record.expiresAt <= now),
    ),
  };
}

function oldestFirst(
  one: { readonly createdAt: number; readonly id: string },
  other: { readonly createdAt: number; readonly id: string },
): number {
  return one.createdAt - other.createdAt || compareText(one.id, other.id);
}
