/** Accounts and account invitations, in memory. */
import { administers, endsAdministration } from '../core/last-administrator.ts';
import { compareText } from '../../platform/core/text-order.ts';
import {
  DuplicateAccountError,
  InvitationError,
  LastAdministratorError,
  type AccountChange,
  type AccountRecord,
  type AccountRepository,
  type InvitationRecord,
  type InvitationRepository,
} from '../ports/account-store.ts';
import { DuplicateRecordError } from '../ports/store.ts';
import type { Boundary } from './boundary.ts';
import { removeDocument } from './documents.ts';
import { withoutEntry, type MemoryState } from './memory-state.ts';

export function accounts(state: MemoryState, { read, write }: Boundary): AccountRepository {
  const table = state.accounts;
  const isTaken = (userId: string): boolean =>
    table.has(userId) || state.formerAccounts.has(userId);
  return {
    create: write('accounts.create', (account, invitation, name = null) => {
      requireFree(state, account, ['userId', 'userName', 'email', 'subject']);
      if (isTaken(account.userId)) throw new DuplicateAccountError('userId');
      if (invitation !== null) useUp(state, invitation, account.userId);
      table.add(account.userId, account);
      if (name !== null) state.names.set(account.userId, name);
    }),
    get: read((userId) => table.get(userId) ?? null),
    ofLogin: read((login) => {
      const field = login.includes('@') ? 'email' : 'userName';
      return table.find((account) => account[field] === login) ?? null;
    }),
    ofSubject: read((subject) => table.find((account) => account.subject === subject) ?? null),
    change: write('accounts.change', (userId, change) => changeAccount(state, userId, change)),
    remove: write('accounts.remove', (userId) => removeAccount(state, userId)),
    isTaken: read(isTaken),
    list: read((afterUserName, limit) =>
      table
        .values()
        .filter(({ userName }) => compareText(userName, afterUserName) > 0)
        .sort((one, other) => compareText(one.userName, other.userName))
        .slice(0, limit),
    ),
    adminCount: read(() => adminCount(state)),
  };
}

const adminCount = ({ accounts: table }: MemoryState): number => table.filter(administers).length;

type UniqueField = DuplicateAccountError['field'];

function requireFree(
  { accounts: table }: MemoryState,
  account: AccountRecord,
  fields: readonly UniqueField[],
  exceptUserId: string | null = null,
): void {
  for (const field of fields) {
    const value = account[field];
    if (value === null) continue;
    const other = table.find((each) => each[field] === value && each.userId !== exceptUserId);
    if (other !== undefined) throw new DuplicateAccountError(field);
  }
}

function useUp(
  { invitations: table }: MemoryState,
  { hash, now }: { readonly hash: string; readonly now: number },
  userId: string,
): void {
  const found = table.find(
    ({ tokenHash, usedBy, expiresAt }) => tokenHash === hash && usedBy === null && expiresAt > now,
  );
  if (found === undefined) throw new InvitationError('The invitation cannot be used.');
  table.set(found.id, { ...found, usedBy: userId });
}

function changeAccount(state: MemoryState, userId: string, change: AccountChange): void {
  const known = state.accounts.get(userId);
  if (known === undefined) return;
  const account = { ...known, ...change };
  requireFree(state, account, ['email', 'subject'], userId);
  if (endsAdministration(known, account, adminCount(state))) throw new LastAdministratorError();
  state.accounts.set(userId, account);
  if (change.passwordHash === undefined) return;
  state.tokens.deleteWhere((token) => token.userId === userId);
  for (const session of state.sessions.filter((each) => each.userId === userId)) {
    state.sessions.set(session.id, { ...session, provenAt: 0 });
  }
}

function removeAccount(state: MemoryState, userId: string): void {
  const account = state.accounts.get(userId);
  if (account !== undefined && endsAdministration(account, null, adminCount(state))) {
    throw new LastAdministratorError();
  }
  for (const { stored, people } of state.documents.values()) {
    const owners = [...people].filter(([, role]) => role === 'owner');
    if (owners.length === 1 && owners[0]?.[0] === userId) removeDocument(state, stored.id);
  }
  const changed = new Set(
    state.documents.filter(({ people }) => people.has(userId)).map(({ stored }) => stored.id),
  );
  for (const link of state.links.filter(({ openedBy }) => openedBy.has(userId))) {
    const openedBy = new Set(link.openedBy);
    openedBy.delete(userId);
    state.links.set(link.record.id, { ...link, openedBy });
    changed.add(link.record.documentId);
  }
  for (const documentId of changed) state.raiseEpoch(documentId);
  for (const { stored, people, personal } of state.documents.values()) {
    if (!people.has(userId) && !personal.has(userId)) continue;
    state.changeDocument(stored.id, () => ({
      people: withoutEntry(people, userId),
      personal: withoutEntry(personal, userId),
    }));
  }
  state.sessions.deleteWhere((session) => session.userId === userId);
  state.tokens.deleteWhere((token) => token.userId === userId);
  state.names.delete(userId);
  state.accounts.delete(userId);
  state.documentInvitations.deleteWhere(({ record }) => record.invitedBy === userId);
  // To the owners of the document it still looks unanswered.
  for (const row of state.documentInvitations.filter(({ record }) => record.userId === userId)) {
    state.documentInvitations.set(row.record.id, {
      ...row,
      record: { ...row.record, userId: null },
    });
  }
  state.formerAccounts.set(userId, true);
}

export function invitations(
  state: MemoryState,
  { read, write, writeKeeping }: Boundary,
): InvitationRepository {
  const table = state.invitations;
  const add = (invitation: InvitationRecord): void => {
    if (table.find(({ tokenHash }) => tokenHash === invitation.tokenHash) !== undefined) {
      throw new DuplicateRecordError();
    }
    table.add(invitation.id, invitation);
  };
  return {
    create: (invitation, kept) => writeKeeping('invitations.create', add, [invitation], kept),
    list: read(() =>
      [...table.values()].sort(
        (one, other) => other.createdAt - one.createdAt || compareText(one.id, other.id),
      ),
    ),
    ofHash: read(
      (hash) =>
        table.find(({ tokenHash, usedBy }) => tokenHash === hash && usedBy === null) ?? null,
    ),
    remove: (id, kept) =>
      writeKeeping('invitations.remove', (own) => table.delete(own), [id], kept),
    removeUnusedOfFirstStart: write(
      'invitations.removeUnusedOfFirstStart',
      () =>
        void table.deleteWhere(({ createdBy, usedBy }) => createdBy === null && usedBy === null),
    ),
  };
}
