/** What the parts of the MongoDB store share. */
import type { DocumentId } from '@concord/protocol';
import type { ChangeTimes } from './change-times.ts';
import type { Collections } from './collections.ts';
import type { Work } from './work.ts';

export interface Core {
  readonly rows: Collections;
  readonly work: Work;
  readonly changeTimes: ChangeTimes;
}

/** Queues of writes (work.ts). */
export const queues = {
  /** Log, checkpoints, creation and purge. */
  log: (id: DocumentId): string => `log ${id}`,
  /** Title, access and all else beside the text. */
  document: (id: DocumentId): string => `document ${id}`,
  search: (id: DocumentId): string => `search ${id}`,
  person: (userId: string): string => `person ${userId}`,
  accounts: 'accounts',
  keys: 'keys',
  /** Of a single row that nothing else is decided with. */
  row: (name: string): string => `row ${name}`,
} as const;
