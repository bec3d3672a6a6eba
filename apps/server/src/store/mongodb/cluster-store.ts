/**
 * Leases and owners in MongoDB (docs/cluster.md). Every promise of a write resolves when a majority has it; every read is of
 * what a majority has, because an ended lease is counted as final.
 *
 * Times are the database's, as milliseconds: one server that was tried compares dates with `$$NOW` wrongly.
 */
import type { DocumentId } from '@concord/protocol';
import type { Document, UpdateResult } from 'mongodb';
import {
  neverOwned,
  type ClusterMember,
  type ClusterStore,
  type LeaseRenewal,
  type LiveLease,
  type OwnershipRow,
} from '../ports/cluster-store.ts';
import { StoreError } from '../ports/store.ts';
import { decided, type Collections, type LeaseRow } from './collections.ts';
import type { Core } from './core.ts';
import { isDuplicateKey } from './errors.ts';
import { backoff } from './work.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A view that knows fewer of them ends some again, which is one write. */
const ENDED_READ = 200;
/** Each failure means that another process changed the row meanwhile. */
const ATTEMPTS_MAX = 8;

const now = { $toLong: '$$NOW' };
const isPast = { $expr: { $lte: ['$endsAt', now] } };
const isLive = { isEnded: false, $expr: { $gt: ['$endsAt', now] } };
/** An ended lease that is deleted stays ended: no renewal inserts one that was written once. */
const goneAfter = (time: Document): Document => ({ $toDate: { $add: [time, DAY_MS] } });
const ended = [
  {
    $set: {
      isEnded: true,
      number: { $ifNull: ['$number', 0] },
      renewedAt: { $ifNull: ['$renewedAt', 0] },
      endsAt: { $ifNull: ['$endsAt', 0] },
      goneAt: goneAfter(now),
    },
  },
];

const hasMatched = ({ matchedCount, upsertedCount }: UpdateResult): boolean =>
  matchedCount + upsertedCount > 0;

export function clusterStore({ rows, work }: Pick<Core, 'rows' | 'work'>): ClusterStore {
  const { leases, owners } = rows;

  /** Whether a row was written: not when an upsert met a row of that id which the filter excludes. */
  const isWritten = async (
    filter: Document,
    update: Document[],
    upsert: boolean,
  ): Promise<boolean> => {
    try {
      return hasMatched(await leases.updateOne(filter, update, { upsert }));
    } catch (error) {
      if (upsert && isDuplicateKey(error)) return false;
      throw error;
    }
  };

  const renewOnce = async (
    renewal: LeaseRenewal,
  ): Promise<'renewed' | 'overtaken' | 'ended' | null> => {
    const { leaseId, number, mayInsert } = renewal;
    const filter = { _id: leaseId, isEnded: false, number: { $lt: number } };
    if (await isWritten(filter, renewed(renewal), mayInsert)) return 'renewed';
    const row = await leases.findOne({ _id: leaseId }, decided);
    if (row === null) return mayInsert ? null : 'ended';
    if (row.isEnded) return 'ended';
    if (row.number === number) return 'renewed';
    return row.number > number ? 'overtaken' : null;
  };

  const endOnce = async (leaseId: string, isOwn: boolean): Promise<'ended' | 'live' | null> => {
    if (isOwn) return (await isWritten({ _id: leaseId }, ended, true)) ? 'ended' : null;
    if (await isWritten({ _id: leaseId, isEnded: false, ...isPast }, ended, false)) return 'ended';
    // Now the row lives, is ended, or is missing.
    const row = await leases.findOne({ _id: leaseId }, decided);
    if (row !== null) return row.isEnded ? 'ended' : 'live';
    return (await isWritten({ _id: leaseId, isEnded: true }, ended, true)) ? 'ended' : null;
  };

  return {
    renewLease: (renewal) => work.update(() => untilDecided(() => renewOnce(renewal))),
    endLease: (leaseId, isOwn) => work.update(() => untilDecided(() => endOnce(leaseId, isOwn))),
    leases: () =>
      work.read(async () => {
        const [live, over] = await Promise.all([
          leases.find(isLive, decided).toArray(),
          leases
            .find(
              { isEnded: true },
              { ...decided, sort: { goneAt: -1 }, limit: ENDED_READ, projection: { _id: 1 } },
            )
            .toArray(),
        ]);
        const asked = live.filter(isDrainRequested);
        return {
          live: live.map(liveLeaseOf),
          ended: over.map(({ _id }) => _id),
          drainRequested: asked.map(({ _id }) => _id),
        };
      }),
    requestDrain: (node) =>
      work.update(async () => {
        await leases.updateMany({ ...isLive, node }, [{ $set: { drainRequestedAt: now } }]);
        const asked = await leases.find({ ...isLive, node }, decided).toArray();
        return asked.filter(isDrainRequested).map(({ _id }) => _id);
      }),
    members: () => work.read(() => membersOf(rows)),
    ownerOf: (documentId) =>
      work.read(async () => {
        const row = await owners.findOne({ _id: documentId }, decided);
        if (row === null) return neverOwned;
        const { epoch, owner, head } = row;
        return { epoch, owner, head };
      }),
    swapOwner: (documentId, expected, row) =>
      work.update(async () => ((await isSwapped(documentId, expected, row)) ? 'won' : 'lost')),
  };

  async function isSwapped(
    documentId: DocumentId,
    { epoch, owner }: Pick<OwnershipRow, 'epoch' | 'owner'>,
    row: OwnershipRow,
  ): Promise<boolean> {
    const fields = { epoch: row.epoch, owner: row.owner, head: row.head };
    if (epoch !== neverOwned.epoch || owner !== neverOwned.owner) {
      return hasMatched(
        await owners.updateOne({ _id: documentId, epoch, owner }, { $set: fields }),
      );
    }
    try {
      await owners.insertOne({ _id: documentId, ...fields });
      return true;
    } catch (error) {
      // Perhaps the own row, of an attempt whose answer was lost: the caller reads it.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}

/** Null of `attempt` means: the row was changed between its write and its read. */
async function untilDecided<A>(attempt: () => Promise<A | null>): Promise<A> {
  for (let count = 1; count <= ATTEMPTS_MAX; count += 1) {
    const outcome = await attempt();
    if (outcome !== null) return outcome;
    await backoff(count);
  }
  throw new StoreError(
    'A lease is changed by too many at once. It is tried again by itself.',
    false,
  );
}

function renewed({
  node,
  address,
  publicUrl,
  weight,
  number,
  isDraining,
  leaseMs,
}: LeaseRenewal): Document[] {
  const given = { node, address, publicUrl, weight, number, isDraining };
  // A text that begins with $ would be an expression.
  const literals: Document = {};
  for (const [field, value] of Object.entries(given)) literals[field] = { $literal: value };
  const endsAt = { $add: [now, leaseMs] };
  const times = { renewedAt: now, endsAt, goneAt: goneAfter(endsAt) };
  return [{ $set: { ...literals, ...times } }];
}

const isDrainRequested = ({ drainRequestedAt }: LeaseRow): boolean =>
  drainRequestedAt !== undefined;

function liveLeaseOf(row: LeaseRow): LiveLease {
  const { _id: leaseId, node, address, publicUrl = null, weight, isDraining } = row;
  if (
    node === undefined ||
    address === undefined ||
    weight === undefined ||
    isDraining === undefined
  ) {
    throw new StoreError(`The lease ${leaseId} lacks what a node writes with it.`, false);
  }
  return { leaseId, node, address, publicUrl, weight, isDraining };
}

async function membersOf({ leases, owners }: Collections): Promise<readonly ClusterMember[]> {
  const live = await leases
    .aggregate<LeaseRow & { readAt: number }>(
      [{ $match: isLive }, { $set: { readAt: now } }],
      decided,
    )
    .toArray();
  const counts = await owners
    .aggregate<{ _id: string; documents: number }>(
      [
        { $match: { owner: { $in: live.map(({ _id }) => _id) } } },
        { $group: { _id: '$owner', documents: { $sum: 1 } } },
      ],
      decided,
    )
    .toArray();
  const documents = new Map(counts.map((count) => [count._id, count.documents]));
  return live.map((row) => ({
    ...liveLeaseOf(row),
    isDrainRequested: isDrainRequested(row),
    renewedAgoMs: row.readAt - row.renewedAt,
    documents: documents.get(row._id) ?? 0,
  }));
}
