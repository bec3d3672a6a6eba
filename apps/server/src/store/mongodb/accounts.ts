/** Accounts and account invitations, in MongoDB. */
import type { Filter } from 'mongodb';
import { endsAdministration } from '../core/last-administrator.ts';
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
import { decided, type AccountRow, type Collections, type InvitationRow } from './collections.ts';
import { queues, type Core } from './core.ts';
import { keeping } from './kept-answers.ts';
import { purge } from './purge.ts';
import { removeAccount } from './remove-account.ts';
import type { Transaction } from './work.ts';

export function accounts({ rows, work }: Core): AccountRepository {
  const table = rows.accounts;
  const found = (filter: Filter<AccountRow>) =>
    work.read(async () => {
      const row = await table.findOne(filter, decided);
      return row === null ? null : accountIn(row);
    });
  return {
    create: (account, invitation, name = null) =>
      work.transaction(queues.accounts, async (tx) => {
        await requireFree(rows, account, ['userId', 'userName', 'email', 'subject'], tx);
        const { userId, ...fields } = account;
        if ((await rows.formerAccounts.findOne({ _id: userId }, tx)) !== null) {
          throw new DuplicateAccountError('userId');
        }
        if (invitation !== null) await useUp(rows, invitation, userId, tx);
        await table.insertOne({ _id: userId, ...fields }, tx);
        if (name === null) return;
        await rows.people.updateOne({ _id: userId }, { $set: { name } }, { ...tx, upsert: true });
      }),
    get: (userId) => found({ _id: userId }),
    ofLogin: (login) => found(login.includes('@') ? { email: login } : { userName: login }),
    ofSubject: (subject) => found({ subject }),
    change: (userId, change) =>
      work.transaction(queues.accounts, (tx) => changeAccount(rows, userId, change, tx)),
    remove: async (userId) => {
      const removing = async (tx: Transaction) => {
        const row = await table.findOne({ _id: userId }, tx);
        if (row !== null) await requireAdministrator(rows, accountIn(row), null, tx);
        return removeAccount(rows, userId, tx);
      };
      await work.transaction(queues.accounts, removing, (removed) => purge(rows, removed));
    },
    isTaken: (userId) =>
      work.read(async () => {
        const [account, former] = await Promise.all([
          table.findOne({ _id: userId }, { ...decided, projection: { _id: 1 } }),
          rows.formerAccounts.findOne({ _id: userId }, decided),
        ]);
        return account !== null || former !== null;
      }),
    list: (afterUserName, limit) =>
      work.read(async () => {
        if (limit <= 0) return [];
        const page = await table
          .find({ userName: { $gt: afterUserName } }, { ...decided, sort: { userName: 1 }, limit })
          .toArray();
        return page.map(accountIn);
      }),
    adminCount: () => work.read(() => table.countDocuments(administrators, decided)),
  };
}

const administrators = { isAdmin: true, disabledAt: null } as const;

function accountIn({ _id: userId, ...account }: AccountRow): AccountRecord {
  return { userId, ...account };
}

type UniqueField = DuplicateAccountError['field'];

/** Says which field is taken; against rivals the unique indexes stand behind it. */
async function requireFree(
  { accounts: table }: Collections,
  account: AccountRecord,
  fields: readonly UniqueField[],
  tx: Transaction,
  exceptUserId: string | null = null,
): Promise<void> {
  for (const field of fields) {
    const value = account[field];
    if (value === null) continue;
    const filter = field === 'userId' ? { _id: value } : { [field]: value };
    const other = await table.findOne(filter, { ...tx, projection: { _id: 1 } });
    if (other !== null && other._id !== exceptUserId) throw new DuplicateAccountError(field);
  }
}

/**
 * Two changes of different accounts do not conflict by themselves: both write the same row, so that one of them runs
 * again and counts what the other one left.
 */
async function requireAdministrator(
  { accounts: table, meta }: Collections,
  before: AccountRecord,
  after: AccountRecord | null,
  tx: Transaction,
): Promise<void> {
  if (!endsAdministration(before, after, 1)) return;
  await meta.updateOne(
    { _id: 'administrators' },
    { $inc: { changes: 1 } },
    { ...tx, upsert: true },
  );
  const count = await table.countDocuments(administrators, tx);
  if (endsAdministration(before, after, count)) throw new LastAdministratorError();
}

async function useUp(
  { invitations: table }: Collections,
  { hash, now }: { readonly hash: string; readonly now: number },
  userId: string,
  tx: Transaction,
): Promise<void> {
  const { matchedCount } = await table.updateOne(
    { tokenHash: hash, usedBy: null, expiresAt: { $gt: now } },
    { $set: { usedBy: userId } },
    tx,
  );
  if (matchedCount === 0) throw new InvitationError('The invitation cannot be used.');
}

async function changeAccount(
  rows: Collections,
  userId: string,
  change: AccountChange,
  tx: Transaction,
): Promise<void> {
  const row = await rows.accounts.findOne({ _id: userId }, tx);
  if (row === null) return;
  const known = accountIn(row);
  const account = { ...known, ...change };
  await requireFree(rows, account, ['email', 'subject'], tx, userId);
  await requireAdministrator(rows, known, account, tx);
  const { userId: _id, ...fields } = account;
  await rows.accounts.replaceOne({ _id }, fields, tx);
  if (change.passwordHash === undefined) return;
  await rows.apiTokens.deleteMany({ userId }, tx);
  await rows.authSessions.updateMany({ userId }, { $set: { provenAt: 0 } }, tx);
}

export function invitations(core: Core): InvitationRepository {
  const { rows, work } = core;
  const table = rows.invitations;
  return {
    create: (invitation, kept) =>
      keeping(core, queues.accounts, kept, async (tx) => {
        const { id: _id, ...fields } = invitation;
        await table.insertOne({ _id, ...fields }, tx);
      }),
    list: () =>
      work.read(async () => {
        const all = await table.find({}, { ...decided, sort: { createdAt: -1, _id: 1 } }).toArray();
        return all.map(invitationIn);
      }),
    ofHash: (tokenHash) =>
      work.read(async () => {
        const row = await table.findOne({ tokenHash, usedBy: null }, decided);
        return row === null ? null : invitationIn(row);
      }),
    remove: (id, kept) =>
      keeping(core, queues.accounts, kept, async (tx) => {
        return (await table.deleteOne({ _id: id }, tx)).deletedCount > 0;
      }),
    removeUnusedOfFirstStart: () =>
      work.write(queues.accounts, async () => {
        await table.deleteMany({ createdBy: null, usedBy: null });
      }),
  };
}

function invitationIn({ _id: id, ...invitation }: InvitationRow): InvitationRecord {
  return { id, ...invitation };
}
