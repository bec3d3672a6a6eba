import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ownChanges } from '../http/own-changes.ts';
import { everything } from '../navigation/library-place.ts';
import { listPlace } from './library-api.ts';

/**
 * Whether the trash is empty; null until it is known. Requested only where no other link leads to the trash: for a
 * person without documents.
 */
export function useTrashIsEmpty(isAsked: boolean): boolean | null {
  const { data, refetch } = useQuery({
    queryKey: ['trash is empty'],
    queryFn: () =>
      listPlace({ ...everything, view: 'trash' }, { limit: 1 }).then(
        ({ documents }) => documents.length === 0,
        () => true,
      ),
    enabled: isAsked,
    // Unsubscribed, the result is dropped: it may be outdated the next time.
    subscribed: isAsked,
  });
  useEffect(() => {
    if (!isAsked) return undefined;
    // `refetch` cancels a pending request, whose response may predate the change.
    return ownChanges.whenSettled(() => void refetch());
  }, [isAsked, refetch]);
  return isAsked ? (data ?? null) : null;
}
