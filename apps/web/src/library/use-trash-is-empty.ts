import { useEffect, useState } from 'react';
import { listPlace } from './library-api.ts';
import { everything } from '../navigation/library-place.ts';
import { ownChanges } from '../http/own-changes.ts';

/**
 * Whether the trash is empty; null until it is known. Asked only where nothing else leads there: of somebody who
 * has no other documents.
 */
export function useTrashIsEmpty(isAsked: boolean): boolean | null {
  const [isEmpty, setIsEmpty] = useState<boolean | null>(null);
  useEffect(() => {
    if (!isAsked) return undefined;
    let asked = 0;
    const ask = (): void => {
      asked += 1;
      const turn = asked;
      const learn = (isEmptyNow: boolean): void => {
        // One that a newer question overtook may be from before a change.
        if (turn === asked) setIsEmpty(isEmptyNow);
      };
      listPlace({ ...everything, view: 'trash' }, { limit: 1 }).then(
        ({ documents }) => learn(documents.length === 0),
        () => learn(true),
      );
    };
    ask();
    const stop = ownChanges.whenSettled(ask);
    return () => {
      stop();
      asked += 1;
      // The next time it may be otherwise.
      setIsEmpty(null);
    };
  }, [isAsked]);
  return isEmpty;
}
