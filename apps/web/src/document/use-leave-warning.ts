/**
 * Warns before unload only if edits would be lost: unsent edits are stored on the device, unless the browser blocks
 * storage.
 */
import { useEffect } from 'react';
import type { OpenedDocument } from './opened-document.ts';

export function useLeaveWarning(opened: OpenedDocument): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      const { status } = opened.client.view;
      const isHereOnly = status.kind === 'notKept' && status.unsent > 0;
      if (status.kind === 'storageBlocked' || isHereOnly) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [opened]);
}
