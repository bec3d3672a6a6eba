import { useEffect, useState } from 'react';
import { listPlace } from './library-api.ts';
import { everything } from './library-place.ts';

/**
 * Whether the trash is empty; null until it is known. Asked only where nothing else leads there: of somebody who
 * has no other documents.
 */
export function useTrashIsEmpty(isAsked: boolean): boolean | null {
  const [isEmpty, setIsEmpty] = useState<boolean | null>(null);
  useEffect(() => {
    if (!isAsked) return;
    listPlace({ ...everything, view: 'trash' }, { limit: 1 }).then(
      ({ documents }) => setIsEmpty(documents.length === 0),
      () => setIsEmpty(true),
    );
  }, [isAsked]);
  return isEmpty;
}
