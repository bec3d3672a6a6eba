/**
 * Edits of closed tabs that the server refused when they were finally sent: shown to their author on any page of the
 * app, with a way to copy them (I5).
 */
import type { EditRefused } from '@concord/client';
import { useSyncExternalStore } from 'react';
import { RefusedNotices, type RefusedNotice } from '../status/refused-notices.tsx';
import { copyText } from '../ui/copy.ts';
import './left-behind.css';

let notices: readonly RefusedNotice[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function show(shown: readonly RefusedNotice[]): void {
  notices = shown;
  for (const listener of listeners) listener();
}

export function leftBehindRefused(refused: EditRefused): void {
  show([...notices, { ...refused, id: nextId++ }]);
}

export function LeftBehindNotices() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => notices,
  );
  if (shown.length === 0) return null;
  return (
    <div className="left-behind">
      <RefusedNotices
        notices={shown}
        onCopy={(text) => void copyText(text)}
        onDismiss={(id) => show(shown.filter((notice) => notice.id !== id))}
      />
    </div>
  );
}
