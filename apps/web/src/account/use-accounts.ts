/** All accounts, for an administrator, page by page. */
import type { Account } from '@concord/protocol';
import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { listAccounts } from './account-api.ts';

type Page = Awaited<ReturnType<typeof listAccounts>>;

const queryKey = ['accounts'] as const;

export function useAccounts(): {
  readonly accounts: readonly Account[];
  readonly hasMore: boolean;
  /** Rejects with an `ApiError`. */
  readonly showMore: () => Promise<void>;
  /** Puts a changed account, as returned by the server, into the list. */
  readonly changed: (account: Account) => void;
} {
  const client = useQueryClient();
  const { data, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => listAccounts(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const replace = (page: Page, account: Account): Page => ({
    ...page,
    accounts: page.accounts.map((each) => (each.userId === account.userId ? account : each)),
  });
  return {
    accounts: data?.pages.flatMap(({ accounts }) => accounts) ?? [],
    hasMore: hasNextPage,
    showMore: async () => void (await fetchNextPage({ throwOnError: true })),
    changed: (account) =>
      void client.setQueryData<InfiniteData<Page>>(
        queryKey,
        (old) => old && { ...old, pages: old.pages.map((page) => replace(page, account)) },
      ),
  };
}
