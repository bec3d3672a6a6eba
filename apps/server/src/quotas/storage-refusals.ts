/** Why nothing more of a person can be stored now, in the words that the person gets. */
import type { StorageRefusal } from '../document/document-messages.ts';
import type { StorageRoom } from '../store/store.ts';

/** Soon enough to go on when there is room; seldom enough for a thousand pages that wait. */
const PAUSED_RETRY_MS = 5_000;

const paused: StorageRefusal = {
  code: 'storeUnavailable',
  detail: 'The disk of the server is almost full. Changes are kept and sent again by themselves.',
  retryAfterMs: PAUSED_RETRY_MS,
};

/** Null while there is room on the disk. */
export function refusalWhilePaused({ isPaused }: StorageRoom): StorageRefusal | null {
  return isPaused ? paused : null;
}
