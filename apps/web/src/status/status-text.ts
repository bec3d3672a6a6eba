/** The wording of the status line. It never says "Saved" of anything not acknowledged. */
import type { DocumentStatus } from '@concord/client';
import { messages } from '../i18n/messages.ts';

/** How the line looks: `quiet` passes by itself, `warning` asks to be noticed, `alarm` is the red one. */
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
      // A short break is not worth a word of its own; what is unsent is being saved, as far as one sees.
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

/** True when everything, the title included, is durably acknowledged. */
export function isSaved(status: DocumentStatus): boolean {
  return status.kind === 'saved' || status.kind === 'merged';
}

/** The document's status with the title taken into account: "Saved" is said of both or not at all. */
export function withTitle(status: DocumentStatus, isTitleSaved: boolean): DocumentStatus {
  if (isTitleSaved) return status;
  if (status.kind === 'notKept') return { ...status, unsent: Math.max(status.unsent, 1) };
  return isSaved(status) ? { kind: 'saving', slow: false } : status;
}
