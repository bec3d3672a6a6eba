/** One's folders; read anew when a document moved, and when the server can be reached again. */
import type { FolderList } from '@concord/protocol';
import { useCallback, useEffect, useState } from 'react';
import { whenLeftBehindIsSent } from '../offline/tidy-device.ts';
import { useRetry } from '../offline/use-retry.ts';
import { listFolders } from './library-api.ts';

export function useFolders(): {
  readonly folders: FolderList['folders'];
  readonly refresh: () => void;
} {
  const [folders, setFolders] = useState<FolderList['folders']>([]);
  const [isMissed, setIsMissed] = useState(false);
  const refresh = useCallback(() => {
    // Without them the list is usable; it says itself when the server cannot be reached.
    listFolders().then(
      (listed) => {
        setFolders(listed);
        setIsMissed(false);
      },
      () => setIsMissed(true),
    );
  }, []);
  useEffect(() => {
    refresh();
    addEventListener('focus', refresh);
    return () => removeEventListener('focus', refresh);
  }, [refresh]);
  useEffect(() => whenLeftBehindIsSent(refresh), [refresh]);
  useRetry(isMissed, refresh);
  return { folders, refresh };
}
