/** A transfer out of the memory store, and into it. */
import {
  keyOfRecord,
  PAGE_RECORDS,
  type RecordKey,
  type RecordOf,
  type SectionName,
  type TransferSource,
  type TransferTarget,
} from '../ports/transfer-store.ts';
import { compareKeys } from '../transfer/copy.ts';
import type { MemoryState } from './memory-state.ts';
import { recordsIn, writers } from './transfer-tables.ts';

export function memorySource(state: MemoryState): TransferSource {
  return {
    historyId: state.historyId,
    async *pages<S extends SectionName>(section: S, after: RecordKey | null) {
      const records: readonly RecordOf<S>[] = recordsIn[section](state);
      const all = records
        .map((record) => ({ record, key: keyOfRecord(section, record) }))
        .filter(({ key }) => after === null || (key.length > 0 && compareKeys(key, after) > 0))
        .sort((one, other) => compareKeys(one.key, other.key));
      for (let at = 0; at < all.length; at += PAGE_RECORDS) {
        yield structuredClone(all.slice(at, at + PAGE_RECORDS).map(({ record }) => record));
      }
    },
  };
}

export function memoryTarget(state: MemoryState): TransferTarget {
  return {
    write: async <S extends SectionName>(section: S, records: readonly RecordOf<S>[]) => {
      const write: (state: MemoryState, record: RecordOf<S>) => void = writers[section];
      state.journal.atomically(() => {
        for (const record of structuredClone(records)) write(state, record);
      });
    },
  };
}
