/** A list that the server keeps: loaded when it is shown, and again after a change. */
import { useQuery } from '@tanstack/react-query';

export function useList<T>(
  name: string,
  load: () => Promise<readonly T[]>,
): {
  /** Null until it is there. */
  readonly items: readonly T[] | null;
  readonly hasFailed: boolean;
  /** Never rejects. An answer on its way may be from before the change: it is not waited for. */
  readonly reload: () => Promise<void>;
} {
  const { data, isError, refetch } = useQuery({ queryKey: [name], queryFn: load });
  return {
    items: data ?? null,
    hasFailed: isError,
    reload: async () => void (await refetch()),
  };
}
