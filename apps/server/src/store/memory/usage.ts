/** Storage usage per person, and the retention time, in memory. */
import { compareText } from '../../platform/core/text-order.ts';
import type { RetentionRepository, UsageRepository } from '../ports/store.ts';
import type { Boundary } from './boundary.ts';
import { withEntry, type MemoryState } from './memory-state.ts';

export function usage(state: MemoryState, { read, write }: Boundary): UsageRepository {
  const days = state.storageDays;
  return {
    of: read((userId) => {
      const rows = state.documents.values();
      return {
        documents: rows.filter(({ stored }) => stored.createdBy === userId).length,
        bytes: rows.reduce((sum, row) => sum + (row.usage.get(userId) ?? 0), 0),
      };
    }),
    days: read(() =>
      [...days.values()].sort(
        (one, other) => one.at - other.at || compareText(one.bucket, other.bucket),
      ),
    ),
    keepDays: write('usage.keepDays', (given, before) => {
      for (const { bucket, bytes, at } of given) {
        days.set(bucket, { bucket, bytes: Math.ceil(bytes), at: Math.floor(at) });
      }
      days.deleteWhere(({ at }) => at < before);
    }),
    charge: write('usage.charge', (charges) => {
      for (const { userId, documentId, bytes } of charges) {
        state.changeDocument(documentId, (row) => {
          const former = row.usage.get(userId) ?? 0;
          return { usage: withEntry(row.usage, userId, former + Math.ceil(bytes)) };
        });
      }
    }),
  };
}

export function retention(state: MemoryState, { read, write }: Boundary): RetentionRepository {
  return {
    time: read(() => state.retentionTime.get('only') ?? null),
    setTime: write('retention.setTime', ({ creditedAt, wallAt }) =>
      state.retentionTime.set('only', {
        creditedAt: Math.round(creditedAt),
        wallAt: Math.round(wallAt),
      }),
    ),
    newestRecordAt: read(() => {
      let newest: number | null = null;
      const seen = (at: number | null): void => {
        if (at !== null && at > (newest ?? -Infinity)) newest = at;
      };
      for (const { stored, trashedAt } of state.documents.values()) {
        for (const at of [stored.createdAt, stored.updatedAt, trashedAt]) seen(at);
      }
      for (const { lastUsedAt } of state.sessions.values()) seen(lastUsedAt);
      for (const { createdAt } of state.accounts.values()) seen(createdAt);
      for (const { begun } of state.requests.values()) seen(begun.at);
      return newest;
    }),
  };
}
