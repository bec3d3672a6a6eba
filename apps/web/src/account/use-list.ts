/** A list that the server keeps: loaded when it is shown, and again after a change. */
import { useCallback, useEffect, useState } from 'react';

export function useList<T>(load: () => Promise<readonly T[]>): {
  /** Null until it is there. */
  readonly items: readonly T[] | null;
  readonly hasFailed: boolean;
  readonly reload: () => Promise<void>;
} {
  const [items, setItems] = useState<readonly T[] | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const reload = useCallback(async () => {
    try {
      setItems(await load());
      setHasFailed(false);
    } catch {
      setHasFailed(true);
    }
  }, [load]);
  useEffect(() => {
    let isLeft = false;
    load().then(
      (loaded) => isLeft || setItems(loaded),
      () => isLeft || setHasFailed(true),
    );
    return () => {
      isLeft = true;
    };
  }, [load]);
  return { items, hasFailed, reload };
}
