/**
 * Asks before the page goes away only if something would be lost: what is unsent is kept on the device,
 * unless the browser blocks storage. A title that is not saved yet is sent on the way out.
 */
import { useEffect } from 'react';
import type { OpenedDocument } from './opened-document.ts';

export function useLeaveWarning(opened: OpenedDocument): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (opened.client.status.kind === 'storageBlocked') event.preventDefault();
    };
    const flush = (): void => opened.title.flush();
    addEventListener('beforeunload', warn);
    addEventListener('pagehide', flush);
    return () => {
      removeEventListener('beforeunload', warn);
      removeEventListener('pagehide', flush);
    };
  }, [opened]);
}
