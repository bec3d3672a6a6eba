import { useEffect } from 'react';
import { followView, type DocumentStatus } from '@concord/client';
import type { SharedDocumentClient } from '@concord/client/browser';
import { workIsOpen } from './open-work.ts';
import { updateHappened } from './service-worker.ts';

/**
 * For an open document: it is saved before the page goes over to a new version of the app, which the page does
 * automatically when the server no longer supports this version.
 */
export function useAppUpdate(client: SharedDocumentClient): void {
  useEffect(() => {
    const look = (status: DocumentStatus): void => {
      const isRefused = status.kind === 'stopped' && status.code === 'unsupportedProtocol';
      if (isRefused) updateHappened({ type: 'refused' });
    };
    const closed = workIsOpen(() => client.flush());
    const unsubscribe = followView(client, ({ status }) => status, look);
    return () => {
      closed();
      unsubscribe();
    };
  }, [client]);
}
