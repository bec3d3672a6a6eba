import { useEffect } from 'react';
import type { SharedDocumentClient } from '@concord/client/browser';
import { workIsOpen } from './open-work.ts';
import { updateHappened } from './service-worker.ts';

/**
 * For a document that is open: it is written before the page goes over to a new version of the app, and the page
 * does so by itself when the server does not speak with this version any more.
 */
export function useAppUpdate(client: SharedDocumentClient): void {
  useEffect(() => {
    const look = (): void => {
      const { status } = client;
      const isRefused = status.kind === 'stopped' && status.code === 'unsupportedProtocol';
      if (isRefused) updateHappened({ type: 'refused' });
    };
    const closed = workIsOpen(() => client.flush());
    const unsubscribe = client.on('status', look);
    look();
    return () => {
      closed();
      unsubscribe();
    };
  }, [client]);
}
