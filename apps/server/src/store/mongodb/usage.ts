/** Storage usage per person, and the retention time, in MongoDB. */
import type { RetentionRepository, UsageRepository } from '../ports/store.ts';
import { decided, keyOf, type UsageRow } from './collections.ts';
import { queues, type Core } from './core.ts';

export function usage({ rows, work }: Core): UsageRepository {
  return {
    of: (userId) =>
      work.read(async () => {
        const [documents, [sum]] = await Promise.all([
          rows.documents.countDocuments({ createdBy: userId }),
          rows.usage
            .aggregate<{ bytes: number }>([
              { $match: { userId } },
              { $group: { _id: null, bytes: { $sum: '$bytes' } } },
            ])
            .toArray(),
        ]);
        return { documents, bytes: sum?.bytes ?? 0 };
      }),
    days: () =>
      work.read(async () => {
        const all = await rows.storageDays.find({}, { sort: { at: 1, _id: 1 } }).toArray();
        return all.map(({ _id: bucket, bytes, at }) => ({ bucket, bytes, at }));
      }),
    keepDays: (days, before) =>
      work.transaction(queues.row('storageDays'), async (tx) => {
        for (const { bucket, bytes, at } of days) {
          await rows.storageDays.replaceOne(
            { _id: bucket },
            { bytes: Math.ceil(bytes), at: Math.floor(at) },
            { ...tx, upsert: true },
          );
        }
        await rows.storageDays.deleteMany({ at: { $lt: before } }, tx);
      }),
    charge: (charges) =>
      work.transaction(queues.row('usage'), async (tx) => {
        const sums = new Map<string, UsageRow>();
        for (const { userId, documentId, bytes } of charges) {
          const _id = keyOf(documentId, userId);
          const former = sums.get(_id)?.bytes ?? 0;
          sums.set(_id, { _id, documentId, userId, bytes: former + Math.ceil(bytes) });
        }
        const ids = [...new Set(charges.map(({ documentId }) => documentId))];
        const there = await rows.documents
          .find({ _id: { $in: ids } }, { ...tx, projection: { _id: 1 } })
          .toArray();
        const existing = new Set(there.map(({ _id }) => _id));
        for (const { _id, documentId, userId, bytes } of sums.values()) {
          if (!existing.has(documentId)) continue;
          await rows.usage.updateOne(
            { _id },
            { $inc: { bytes }, $setOnInsert: { documentId, userId } },
            { ...tx, upsert: true },
          );
        }
      }),
  };
}

export function retention({ rows, work, changeTimes }: Core): RetentionRepository {
  return {
    time: () =>
      work.read(async () => {
        const row = await rows.meta.findOne({ _id: 'retention' }, decided);
        const { creditedAt, wallAt } = row ?? {};
        if (creditedAt === undefined || wallAt === undefined) return null;
        return { creditedAt, wallAt };
      }),
    setTime: ({ creditedAt, wallAt }) =>
      work.write(queues.row('retention'), async () => {
        await rows.meta.replaceOne(
          { _id: 'retention' },
          { creditedAt: Math.round(creditedAt), wallAt: Math.round(wallAt) },
          { upsert: true },
        );
      }),
    newestRecordAt: () =>
      work.read(async () => {
        await changeTimes.flush();
        const { documents, authSessions, accounts, requests } = rows;
        const last = async <F extends string>(
          newest: Promise<Partial<Record<F, number | null>> | null>,
          field: F,
        ): Promise<number | null> => (await newest)?.[field] ?? null;
        const by = (field: string) => ({ sort: { [field]: -1 as const } });
        const found = await Promise.all([
          last(documents.findOne({}, by('createdAt')), 'createdAt'),
          last(documents.findOne({}, by('updatedAt')), 'updatedAt'),
          last(documents.findOne({ trashedAt: { $ne: null } }, by('trashedAt')), 'trashedAt'),
          last(authSessions.findOne({}, by('lastUsedAt')), 'lastUsedAt'),
          last(accounts.findOne({}, by('createdAt')), 'createdAt'),
          last(requests.findOne({}, by('at')), 'at'),
        ]);
        const times = found.filter((at) => at !== null);
        return times.length === 0 ? null : Math.max(...times);
      }),
  };
}
