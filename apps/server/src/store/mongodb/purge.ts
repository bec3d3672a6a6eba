/**
 * Purging documents, in two steps: a transaction that puts a tombstone behind the log and deletes what shows the
 * document; then, outside of it, everything else, which may be much and is read by nobody. A crash between the two is
 * made up for when the store is opened next.
 */
import type { DocumentId } from '@concord/protocol';
import { tombstone } from './batch-rows.ts';
import type { Collections } from './collections.ts';
import type { Transaction } from './work.ts';

/** Where the logs of these documents end, purged ones included; those without a log are missing. */
export async function newestBatches(
  { batches }: Collections,
  ids: readonly DocumentId[],
  tx: Transaction = {},
): Promise<ReadonlyMap<DocumentId, { head: number; epoch: number; isRemoved: boolean }>> {
  if (ids.length === 0) return new Map();
  // In the order of the index, backwards: the first of each group is found without reading the others.
  const found = await batches
    .aggregate<{ _id: DocumentId; head: number; epoch: number; isRemoved: boolean }>(
      [
        { $match: { documentId: { $in: [...ids] } } },
        { $sort: { documentId: -1, firstVersion: -1 } },
        {
          $group: {
            _id: '$documentId',
            head: { $first: '$lastVersion' },
            epoch: { $first: '$epoch' },
            isRemoved: { $first: '$isRemoved' },
          },
        },
      ],
      tx,
    )
    .toArray();
  return new Map(found.map(({ _id, ...tail }) => [_id, tail]));
}

/**
 * The first step, within a transaction. Documents that never existed keep their ids free; those purged before are left.
 * @returns those that it purged, for {@link purge}
 */
export async function removeDocuments(
  rows: Collections,
  ids: readonly DocumentId[],
  tx: Transaction,
): Promise<readonly DocumentId[]> {
  if (ids.length === 0) return [];
  const among = { $in: [...ids] };
  const tails = await newestBatches(rows, ids, tx);
  const known = await rows.documents
    .find({ _id: among }, { ...tx, projection: { _id: 1 } })
    .toArray();
  const checkpointed = await rows.checkpoints
    .find({ documentId: among }, { ...tx, projection: { documentId: 1 } })
    .toArray();
  const existing = new Set([
    ...known.map(({ _id }) => _id),
    ...checkpointed.map(({ documentId }) => documentId),
    ...tails.keys(),
  ]);
  const removed = [...existing].filter((id) => tails.get(id)?.isRemoved !== true);
  if (removed.length === 0) return [];
  const stones = removed.map((id) => {
    const { head, epoch } = tails.get(id) ?? { head: 0, epoch: 0 };
    return tombstone(id, head, epoch);
  });
  await rows.batches.insertMany(stones, tx);
  await rows.documents.deleteMany({ _id: { $in: removed } }, tx);
  const ofThese = { documentId: { $in: removed } };
  await rows.shareLinks.deleteMany(ofThese, tx);
  await rows.linkOpenings.deleteMany(ofThese, tx);
  await rows.documentInvitations.deleteMany(ofThese, tx);
  await rows.personal.deleteMany(ofThese, tx);
  await rows.usage.deleteMany(ofThese, tx);
  await rows.searchTexts.deleteMany({ _id: { $in: removed } }, tx);
  return removed;
}

/** The second step. Idempotent; the tombstones say whose it is still to be done. */
export async function purge(rows: Collections, ids: readonly DocumentId[]): Promise<void> {
  if (ids.length === 0) return;
  const ofThese = { documentId: { $in: [...ids] } };
  await rows.batches.deleteMany({ ...ofThese, isRemoved: false });
  await rows.checkpoints.deleteMany(ofThese);
  await rows.searchWords.deleteMany(ofThese);
  await rows.searchPieces.deleteMany(ofThese);
  // What was in flight beside the transaction.
  await rows.personal.deleteMany(ofThese);
  await rows.usage.deleteMany(ofThese);
  await rows.searchTexts.deleteMany({ _id: { $in: [...ids] } });
  // Its former owner, and one that takes it now, meet the tombstone.
  await rows.owners.deleteMany({ _id: { $in: [...ids] } });
  await rows.batches.updateMany({ ...ofThese, isPurging: true }, { $set: { isPurging: false } });
}

/** Finishes what a crash interrupted. */
export async function finishPurges(rows: Collections): Promise<void> {
  const left = await rows.batches
    .find({ isPurging: true }, { projection: { documentId: 1 } })
    .toArray();
  await purge(rows, left.map(({ documentId }) => documentId)); // prettier-ignore
}
