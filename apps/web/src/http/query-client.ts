/**
 * Fetches lists with TanStack Query: one pending request per list, refetched when the window is focused or the network
 * returns. Own changes that a response may lack are overlaid by own-changes.ts
 * (docs/decisions/0019-lists.md).
 */
import { focusManager, onlineManager, QueryClient } from '@tanstack/react-query';

const RETRY_MS = 3_000;
/** Retry interval while the server does not answer, with jitter: clients of a failed server do not retry in step. */
const retryEveryMs = RETRY_MS * (1 + Math.random());

/** For `refetchInterval`: polls while the last request failed. `onLine` is reliable only when it is false. */
export const retryInterval = (hasFailed: boolean): number | false =>
  hasFailed && navigator.onLine ? retryEveryMs : false;

export function newQueryClient(): QueryClient {
  // Refetch on focus of the window, also if the page was visible before.
  focusManager.setEventListener((comeBack) => {
    const listener = (): void => comeBack();
    addEventListener('focus', listener);
    return () => removeEventListener('focus', listener);
  });
  // The initial state, so that a page opened offline is notified of the network.
  onlineManager.setOnline(navigator.onLine);
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Send requests also when the browser reports to be offline: it may be wrong.
        networkMode: 'always',
        retry: false,
        staleTime: 0,
        // No cache after unmounting: own changes are stored only for mounted lists, and the next person at this browser
        // must not see the lists of the former one.
        gcTime: 0,
        refetchOnWindowFocus: false,
        refetchOnReconnect: ({ state }) => (state.status === 'error' ? 'always' : false),
      },
    },
  });
}
