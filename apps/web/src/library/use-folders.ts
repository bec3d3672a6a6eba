/** The person's folders; refetched after each own change, and when the server is reachable again. */
import type { FolderList } from '@concord/protocol';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ownChanges } from '../http/own-changes.ts';
import { retryInterval } from '../http/query-client.ts';
import { whenLeftBehindIsSent } from '../offline/tidy-device.ts';
import { listFolders } from './library-api.ts';

const none: FolderList['folders'] = [];

/** Empty on failure: the list works without folders, and reports itself that the server is unreachable. */
export function useFolders(): FolderList['folders'] {
  const { data, refetch } = useQuery({
    queryKey: ['folders'],
    queryFn: listFolders,
    refetchOnWindowFocus: 'always',
    refetchInterval: ({ state }) => retryInterval(state.status === 'error'),
  });
  // `refetch` cancels a pending request, whose response may predate the change.
  useEffect(() => ownChanges.whenSettled(() => void refetch()), [refetch]);
  useEffect(() => whenLeftBehindIsSent(() => void refetch()), [refetch]);
  return data ?? none;
}
