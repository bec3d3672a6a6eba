import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ownChanges } from '../http/own-changes.ts';
import { everything } from '../navigation/library-place.ts';
import { listPlace } from './library-api.ts';

/**
 * Whether the trash is empty; null until it is known. Asked only where nothing else leads there: of somebody who
 * has no other documents.
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
    // What was learnt is forgotten when it is not asked any more: the next time it may be otherwise.
    subscribed: isAsked,
  });
  useEffect(() => {
    if (!isAsked) return undefined;
    // An answer on its way may be from before the change: it is not waited for.
    return ownChanges.whenSettled(() => void refetch());
  }, [isAsked, refetch]);
  return isAsked ? (data ?? null) : null;
}
