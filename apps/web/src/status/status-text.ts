/** Wording of the status line. "Saved" is shown only for acknowledged edits. */
import type { DocumentStatus } from '@concord/client';
import { messages } from '../i18n/messages.ts';

/** Tone of the line: `quiet` is transient, `warning` should be noticed, `alarm` is red. */
export type StatusTone = 'good' | 'quiet' | 'warning' | 'alarm';

export interface StatusText {
  readonly text: string;
  readonly tone: StatusTone;
}

export function statusText(status: DocumentStatus): StatusText {
  const words = messages.status;
  switch (status.kind) {
    case 'opening':
      return { text: words.opening, tone: 'quiet' };
    case 'saved':
      return { text: words.saved, tone: 'good' };
    case 'saving':
      return { text: words.saving, tone: 'quiet' };
    case 'reconnecting':
      if (status.slow) return { text: words.reconnecting, tone: 'warning' };
      // A short interruption has no wording of its own: unsent edits count as being saved.
      return { text: status.unsent > 0 ? words.saving : words.connecting, tone: 'quiet' };
    case 'offline':
      return { text: words.offline(status.unsent), tone: 'warning' };
    case 'syncing':
      return { text: words.syncing(status.unsent), tone: 'quiet' };
    case 'merged':
      return { text: words.merged(status.merged), tone: 'good' };
    case 'viewOnly':
      return { text: words.viewOnly(status.unsent), tone: status.unsent > 0 ? 'warning' : 'quiet' };
    case 'savingPaused':
      return { text: words.savingPaused, tone: 'warning' };
    case 'quotaExceeded':
      return { text: words.quotaExceeded, tone: 'warning' };
    case 'storageBlocked':
      return { text: words.storageBlocked, tone: 'alarm' };
    case 'notKept':
      return { text: words.notKept(status.unsent), tone: status.unsent > 0 ? 'alarm' : 'warning' };
    case 'stopped':
      return { text: words.stopped, tone: 'warning' };
  }
}

/** Whether everything, including the title, is durably acknowledged. */
export function isSaved(status: DocumentStatus): boolean {
  return status.kind === 'saved' || status.kind === 'merged';
}

/** Combines the document's status with the title's: "Saved" requires both. */
export function withTitle(status: DocumentStatus, isTitleSaved: boolean): DocumentStatus {
  if (isTitleSaved) return status;
  if (status.kind === 'notKept') return { ...status, unsent: Math.max(status.unsent, 1) };
  return isSaved(status) ? { kind: 'saving', slow: false } : status;
}
