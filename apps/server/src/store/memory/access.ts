/** Access lists, in memory. */
import {
  higherRole,
  LINK_OPENINGS_PER_DOCUMENT,
  type DocumentId,
  type Role,
} from '@concord/protocol';
import type { DocumentAccess } from '../../access/core/permissions.ts';
import { compareText } from '../../platform/core/text-order.ts';
import {
  LastOwnerError,
  type AccessRepository,
  type ShareLinkChange,
  type ShareLinkRecord,
} from '../ports/access-store.ts';
import { DuplicateRecordError } from '../ports/store.ts';
import type { Boundary } from './boundary.ts';
import { withEntry, withoutEntry, type DocumentRow, type MemoryState } from './memory-state.ts';

export function access(
  state: MemoryState,
  { read, write, writeKeeping }: Boundary,
): AccessRepository {
  return {
    get: read((documentId) => accessOf(state, documentId)),
    getFor: read((documentId, userId) => {
      const whole = accessOf(state, documentId);
      if (whole === null) return null;
      return { ...whole, opened: new Map([...whole.opened].filter(([id]) => id === userId)) };
    }),
    revisions: read(
      (documentIds) =>
        new Map(
          documentIds.flatMap((id) => {
            const row = state.documents.get(id);
            if (row === undefined) return [];
            return [[id, { epoch: row.epoch, titleVersion: row.stored.titleVersion }] as const];
          }),
        ),
    ),
    setAnyone: write('access.setAnyone', (documentId, anyone) =>
      state.changeDocument(documentId, ({ epoch }) => ({ anyone, epoch: epoch + 1 })),
    ),
    grant: write('access.grant', (documentId, userId, role) =>
      grant(state, documentId, userId, role),
    ),
    revoke: (id, userId, kept) =>
      writeKeeping('access.revoke', (...given) => revoke(state, ...given), [id, userId], kept),
    addLink: (link, kept) =>
      writeKeeping('access.addLink', (own) => addLink(state, own), [link], kept),
    links: read((documentId) =>
      state
        .linksOf(documentId)
        .map(({ record, openedBy }) => ({ ...record, people: openedBy.size }))
        .sort((one, other) => one.createdAt - other.createdAt || compareText(one.id, other.id)),
    ),
    changeLink: write('access.changeLink', (documentId, linkId, change) =>
      changeLink(state, documentId, linkId, change),
    ),
    removeLink: (id, linkId, kept) =>
      writeKeeping('access.removeLink', (...given) => removeLink(state, ...given), [id, linkId], kept), // prettier-ignore
    linkOfToken: read(
      (tokenHash) =>
        state.links.find(({ record }) => record.tokenHash === tokenHash)?.record ?? null,
    ),
    openLink: write('access.openLink', (linkId, userId, most = LINK_OPENINGS_PER_DOCUMENT) =>
      openLink(state, linkId, userId, most),
    ),
  };
}

export function accessOf(state: MemoryState, documentId: DocumentId): DocumentAccess | null {
  const row = state.documents.get(documentId);
  if (row === undefined) return null;
  const links = [...state.linksOf(documentId)].sort((one, other) =>
    compareText(one.record.id, other.record.id),
  );
  const opened = new Map<string, string[]>();
  for (const { record, openedBy } of links) {
    for (const userId of openedBy) {
      const ids = opened.get(userId) ?? [];
      ids.push(record.id);
      opened.set(userId, ids);
    }
  }
  return {
    epoch: row.epoch,
    anyone: row.anyone,
    isTrashed: row.trashedAt !== null,
    people: row.people,
    links: links.map(({ record: { id, role, expiresAt } }) => ({ id, role, expiresAt })),
    opened,
  };
}

/** Within a write. Grants the role, unless the person's own is as high. */
export function raise(
  state: MemoryState,
  documentId: DocumentId,
  userId: string,
  role: Role,
): void {
  const own = state.documents.get(documentId)?.people.get(userId) ?? null;
  if (higherRole(own, role) !== own) grant(state, documentId, userId, role);
}

function grant(state: MemoryState, documentId: DocumentId, userId: string, role: Role): void {
  state.changeDocument(documentId, (row) =>
    changedPeople(row, withEntry(row.people, userId, role)),
  );
}

function revoke(state: MemoryState, documentId: DocumentId, userId: string): boolean {
  const row = state.documents.get(documentId);
  if (row === undefined) return false;
  const opened = state.linksOf(documentId).filter(({ openedBy }) => openedBy.has(userId));
  if (!row.people.has(userId) && opened.length === 0) return false;
  for (const link of opened) {
    const openedBy = new Set(link.openedBy);
    openedBy.delete(userId);
    state.links.set(link.record.id, { ...link, openedBy });
  }
  // Only those by user id: deleting one by login would reveal whose login it is.
  state.documentInvitations.deleteWhere(
    ({ record, declinedAt }) =>
      record.documentId === documentId && record.invited === userId && declinedAt === null,
  );
  state.documents.set(documentId, {
    ...row,
    ...changedPeople(row, withoutEntry(row.people, userId)),
  });
  return true;
}

function changedPeople(row: DocumentRow, people: DocumentRow['people']): Partial<DocumentRow> {
  if (![...people.values()].includes('owner')) {
    throw new LastOwnerError('A document needs at least one owner.');
  }
  return { people, epoch: row.epoch + 1 };
}

function addLink(state: MemoryState, link: ShareLinkRecord): void {
  if (!state.documents.has(link.documentId)) return;
  if (state.links.find(({ record }) => record.tokenHash === link.tokenHash) !== undefined) {
    throw new DuplicateRecordError();
  }
  state.links.add(link.id, { record: link, openedBy: new Set() });
  state.raiseEpoch(link.documentId);
}

function changeLink(
  state: MemoryState,
  documentId: DocumentId,
  linkId: string,
  { role, label, passwordHash, expiresAt }: ShareLinkChange,
): boolean {
  const link = state.links.get(linkId);
  if (link?.record.documentId !== documentId) return false;
  const { record } = link;
  const changed: ShareLinkRecord = {
    ...record,
    role: role ?? record.role,
    label: label ?? record.label,
    passwordHash: passwordHash === undefined ? record.passwordHash : passwordHash,
    expiresAt: expiresAt === undefined ? record.expiresAt : expiresAt,
  };
  const openedBy = typeof passwordHash === 'string' ? new Set<string>() : link.openedBy;
  state.links.set(linkId, { record: changed, openedBy });
  state.raiseEpoch(documentId);
  return true;
}

function removeLink(state: MemoryState, documentId: DocumentId, linkId: string): boolean {
  if (state.links.get(linkId)?.record.documentId !== documentId) return false;
  state.links.delete(linkId);
  state.raiseEpoch(documentId);
  return true;
}

function openLink(state: MemoryState, linkId: string, userId: string, most: number): boolean {
  const link = state.links.get(linkId);
  if (link === undefined || link.openedBy.has(userId)) return true;
  const { documentId } = link.record;
  const kept = state.linksOf(documentId).reduce((sum, { openedBy }) => sum + openedBy.size, 0);
  if (kept >= most) return false;
  state.links.set(linkId, { ...link, openedBy: new Set(link.openedBy).add(userId) });
  state.raiseEpoch(documentId);
  return true;
}
