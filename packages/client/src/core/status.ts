/** The status line, derived from the session. It never says more than the owner acknowledged (durable first). */
import { mayWrite } from './may-write.ts';
import type { DocumentStatus } from '../document-client-api.ts';
import { unsentEdits } from './buffer.ts';
import type { ClientSession } from './session.ts';

export function statusOf(session: ClientSession): DocumentStatus {
  const unsent = unsentEdits(session.buffer);
  if (session.stopped !== null) return { kind: 'stopped', ...session.stopped };
  const isLive = session.state === 'live';
  // A connection without acknowledgements counts as disconnected.
  const isLost = !isLive || session.slowSaving;
  const isReading = !mayWrite(session.role);
  const isUnkept = session.storageFailed || session.isNotKept;
  const isKeptNowhere = isUnkept && unsent > 0 && (isLost || isReading);
  if (isKeptNowhere || session.isStorageBlocking) return { kind: 'storageBlocked' };
  if (session.savingPaused) return { kind: 'savingPaused' };
  if (session.quotaExceeded !== null) {
    return { kind: 'quotaExceeded', unsent, detail: session.quotaExceeded };
  }
  if (session.offlineShown) return { kind: 'offline', unsent };
  if (!session.opened || (!session.wasLive && !session.slowConnecting)) return { kind: 'opening' };
  if (!isLive) return { kind: 'reconnecting', unsent, slow: session.slowConnecting };
  if (isReading) return { kind: 'viewOnly', unsent };
  if (session.isNotKept) return { kind: 'notKept', unsent };
  if (session.syncing > 0 && unsent > 0) return { kind: 'syncing', unsent };
  if (unsent > 0) return { kind: 'saving', slow: session.slowSaving };
  if (session.merged > 0) return { kind: 'merged', merged: session.merged };
  return { kind: 'saved' };
}

/** Whether two statuses read the same. Asked at every step: kinds differ, or have nothing more, mostly. */
export function isSameStatus(a: DocumentStatus, b: DocumentStatus): boolean {
  if (a.kind !== b.kind) return false;
  if (Object.keys(a).length === 1) return true;
  return JSON.stringify(a) === JSON.stringify(b);
}
