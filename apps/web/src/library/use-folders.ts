/** One's folders; read anew after each change of a document, and when the server can be reached again. */
import type { FolderList } from '@concord/protocol';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ownChanges } from '../http/own-changes.ts';
import { retryInterval } from '../http/query-client.ts';
import { whenLeftBehindIsSent } from '../offline/tidy-device.ts';
import { listFolders } from './library-api.ts';

const none: FolderList['folders'] = [];

/** Without them the list is usable; it says itself when the server cannot be reached. */
export function useFolders(): FolderList['folders'] {
  const { data, refetch } = useQuery({
    queryKey: ['folders'],
    queryFn: listFolders,
    refetchOnWindowFocus: 'always',
    refetchInterval: ({ state }) => retryInterval(state.status === 'error'),
  });
  // An answer on its way may be from before the change: it is not waited for.
  useEffect(() => ownChanges.whenSettled(() => void refetch()), [refetch]);
  useEffect(() => whenLeftBehindIsSent(() => void refetch()), [refetch]);
  return data ?? none;
}
