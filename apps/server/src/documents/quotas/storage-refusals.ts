/** Refusals to store more of a person, with the texts shown to the person. */
import type { StorageRefusal } from '../core/document-messages.ts';
import { DocumentError } from '../document-error.ts';
import { StoreFullError, type StorageRoom } from '../../store/ports/store.ts';

/** Short enough to continue soon once there is space; long enough for a thousand waiting pages. */
const PAUSED_RETRY_MS = 5_000;
const RETRY_MIN_MS = 5_000;
const RETRY_MAX_MS = 60_000;

const paused: StorageRefusal = {
  code: 'storeUnavailable',
  detail: 'The disk of the server is almost full. Changes are kept and sent again by themselves.',
  retryAfterMs: PAUSED_RETRY_MS,
};

/** Null while there is space on the disk. */
export function refusalWhilePaused({ isPaused }: StorageRoom): StorageRefusal | null {
  return isPaused ? paused : null;
}

const details = {
  total:
    'Your space on this server is used up. Permanently delete documents that you do not need, or ask the administrator for more.',
  day: 'You stored as much as one person may in a day. More is possible by and by; nothing is lost meanwhile.',
  address:
    'From your network as much was stored as may be in a day. More is possible by and by; nothing is lost meanwhile.',
} as const;

/** @param waitMs until a retry may succeed, if known */
export function quotaRefusal(what: keyof typeof details, waitMs = RETRY_MAX_MS): StorageRefusal {
  const retryAfterMs = Math.min(RETRY_MAX_MS, Math.max(RETRY_MIN_MS, waitMs));
  return { code: 'quotaExceeded', detail: details[what], retryAfterMs };
}

/** The same for the REST API. It carries a retry time, so that the answer is not kept for an idempotency key. */
export function errorOfRefusal({ code, detail, retryAfterMs }: StorageRefusal): Error {
  if (code === 'storeUnavailable') return new StoreFullError();
  const retryAfterSeconds = Math.ceil(retryAfterMs / 1_000);
  return new DocumentError('quotaExceeded', `${detail} Nothing was changed.`, {
    retryAfterSeconds,
  });
}

/** @param most documents of one person */
export function tooManyDocuments(most: number): DocumentError {
  const detail = `You have ${most} documents, as many as one person may have here. Delete some permanently, also from the trash, or ask the administrator for more. Nothing was changed.`;
  return new DocumentError('quotaExceeded', detail, { retryAfterSeconds: 60 });
}
