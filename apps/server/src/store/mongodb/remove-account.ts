/** What goes with an account, in one transaction of as many commands however much it has. */
import type { DocumentId } from '@concord/protocol';
import { raiseEpochs } from './access.ts';
import type { Collections } from './collections.ts';
import { removeDocuments } from './purge.ts';
import type { Transaction } from './work.ts';

/** @returns documents that were purged with it, for `purge` */
export async function removeAccount(
  rows: Collections,
  userId: string,
  tx: Transaction,
): Promise<readonly DocumentId[]> {
  const owned = await rows.documents
    .find(
      { people: { $elemMatch: { userId, role: 'owner' } } },
      { ...tx, projection: { people: 1 } },
    )
    .toArray();
  const alone = owned
    .filter(({ people }) => people.filter(({ role }) => role === 'owner').length === 1)
    .map(({ _id }) => _id);
  const removed = await removeDocuments(rows, alone, tx);
  const opened = await rows.linkOpenings.find({ userId }, tx).toArray();
  const shared = await rows.documents
    .find({ 'people.userId': userId }, { ...tx, projection: { _id: 1 } })
    .toArray();
  const changed = new Set([
    ...shared.map(({ _id }) => _id),
    ...opened.map(({ documentId }) => documentId),
  ]);
  await raiseEpochs(rows, [...changed], tx);
  await rows.documents.updateMany(
    { 'people.userId': userId },
    { $pull: { people: { userId } } },
    tx,
  );
  await rows.linkOpenings.deleteMany({ userId }, tx);
  await rows.personal.deleteMany({ userId }, tx);
  await rows.authSessions.deleteMany({ userId }, tx);
  await rows.apiTokens.deleteMany({ userId }, tx);
  await rows.people.deleteOne({ _id: userId }, tx);
  await rows.accounts.deleteOne({ _id: userId }, tx);
  await rows.documentInvitations.deleteMany({ invitedBy: userId }, tx);
  // To the owners of the document it still looks unanswered.
  await rows.documentInvitations.updateMany({ userId }, { $set: { userId: null } }, tx);
  await rows.formerAccounts.replaceOne({ _id: userId }, {}, { ...tx, upsert: true });
  return removed;
}
