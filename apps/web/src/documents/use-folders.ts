/** One's folders, and reading them anew when a document moved. */
import type { FolderList } from '@concord/protocol';
import { useCallback, useEffect, useState } from 'react';
import { listFolders } from './library-api.ts';

export function useFolders(): {
  readonly folders: FolderList['folders'];
  readonly refresh: () => void;
} {
  const [folders, setFolders] = useState<FolderList['folders']>([]);
  const refresh = useCallback(() => {
    // Without them the list is usable; it says itself when the server cannot be reached.
    listFolders().then(setFolders, () => undefined);
  }, []);
  useEffect(() => {
    refresh();
    addEventListener('focus', refresh);
    return () => removeEventListener('focus', refresh);
  }, [refresh]);
  return { folders, refresh };
}
