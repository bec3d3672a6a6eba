/** One's folders; read anew after each change of a document, and when the server can be reached again. */
import type { FolderList } from '@concord/protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
import { whenLeftBehindIsSent } from '../offline/tidy-device.ts';
import { useRetry } from '../offline/use-retry.ts';
import { listFolders } from './library-api.ts';
import { ownChanges } from '../http/own-changes.ts';

export function useFolders(): FolderList['folders'] {
  const [folders, setFolders] = useState<FolderList['folders']>([]);
  const [isMissed, setIsMissed] = useState(false);
  const asked = useRef(0);
  const refresh = useCallback(() => {
    asked.current += 1;
    const turn = asked.current;
    // Without them the list is usable; it says itself when the server cannot be reached.
    listFolders().then(
      (listed) => {
        // One that a newer question overtook may be from before a change.
        if (turn !== asked.current) return;
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
  useEffect(() => ownChanges.whenSettled(refresh), [refresh]);
  useEffect(() => whenLeftBehindIsSent(refresh), [refresh]);
  useRetry(isMissed, refresh);
  return folders;
}
