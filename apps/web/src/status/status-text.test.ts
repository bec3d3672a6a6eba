import type { DocumentStatus } from '@concord/client';
import { expect, test } from 'vitest';
import { statusText, withTitle } from './status-text.ts';

const wording: readonly (readonly [DocumentStatus, string])[] = [
  [{ kind: 'opening' }, 'Opening…'],
  [{ kind: 'saved' }, 'Saved'],
  [{ kind: 'saving', slow: false }, 'Saving…'],
  [{ kind: 'saving', slow: true }, 'Saving…'],
  [{ kind: 'reconnecting', unsent: 0, slow: false }, 'Connecting…'],
  [{ kind: 'reconnecting', unsent: 2, slow: false }, 'Saving…'],
  [{ kind: 'reconnecting', unsent: 2, slow: true }, 'Reconnecting…'],
  [{ kind: 'offline', unsent: 0 }, 'Offline'],
  [{ kind: 'offline', unsent: 1 }, 'Offline · 1 change kept on this device'],
  [{ kind: 'offline', unsent: 12 }, 'Offline · 12 changes kept on this device'],
  [{ kind: 'syncing', unsent: 12 }, 'Syncing 12 changes…'],
  [{ kind: 'merged', merged: 1 }, 'Merged 1 change'],
  [{ kind: 'merged', merged: 12 }, 'Merged 12 changes'],
  [{ kind: 'viewOnly', unsent: 0 }, 'View only'],
  [{ kind: 'viewOnly', unsent: 1 }, 'View only · 1 change kept on this device'],
  [{ kind: 'viewOnly', unsent: 3 }, 'View only · 3 changes kept on this device'],
  [{ kind: 'savingPaused' }, 'Saving paused: the server cannot store changes'],
  [
    { kind: 'quotaExceeded', unsent: 2, detail: '' },
    'Saving paused: no more room for you on this server',
  ],
  [{ kind: 'notKept', unsent: 0 }, 'Saved · not kept on this device'],
  [{ kind: 'notKept', unsent: 2 }, 'Sending 2 changes · not kept on this device'],
  [{ kind: 'storageBlocked' }, 'Not saved: this browser blocks storage. Copy your text.'],
  [{ kind: 'stopped', code: 'forbidden', detail: '' }, 'Stopped: changes are no longer sent'],
];

test.each(wording)('%o reads "%s"', (status, text) => {
  expect(statusText(status).text).toBe(text);
});

test('"Saved" is shown only for acknowledged text', () => {
  for (const [status] of wording) {
    expect(statusText(status).text === 'Saved').toBe(status.kind === 'saved');
  }
});

test('blocked storage is the only status with the alarm tone', () => {
  const alarms = wording.filter(([status]) => statusText(status).tone === 'alarm');
  expect(alarms.map(([status]) => status.kind)).toEqual(['notKept', 'storageBlocked']);
});

test('a document with an unsaved title does not count as saved', () => {
  expect(withTitle({ kind: 'saved' }, true)).toEqual({ kind: 'saved' });
  expect(withTitle({ kind: 'saved' }, false).kind).toBe('saving');
  expect(withTitle({ kind: 'merged', merged: 3 }, false).kind).toBe('saving');
  expect(withTitle({ kind: 'offline', unsent: 0 }, false).kind).toBe('offline');
});
