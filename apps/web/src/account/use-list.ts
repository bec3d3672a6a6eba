/** A list from the server: loaded when shown, and reloaded after a change. */
import { useQuery } from '@tanstack/react-query';

export function useList<T>(
  name: string,
  load: () => Promise<readonly T[]>,
): {
  /** Null until it is loaded. */
  readonly items: readonly T[] | null;
  readonly hasFailed: boolean;
  /** Never rejects. Does not reuse a pending response, which may predate the change. */
  readonly reload: () => Promise<void>;
} {
  const { data, isError, refetch } = useQuery({ queryKey: [name], queryFn: load });
  return {
    items: data ?? null,
    hasFailed: isError,
    reload: async () => void (await refetch()),
  };
}
