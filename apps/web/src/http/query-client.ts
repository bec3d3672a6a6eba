/**
 * How the page asks for lists, by TanStack Query: one question at a time for each, asked again when the person comes
 * back or the network does. Own changes that an answer may be without are laid over it by own-changes.ts
 * (docs/decisions/0019-lists.md).
 */
import { focusManager, onlineManager, QueryClient } from '@tanstack/react-query';

const RETRY_MS = 3_000;
/** While the server does not answer. Not in step with all the others whom it left alone. */
const retryEveryMs = RETRY_MS * (1 + Math.random());

/** For `refetchInterval`: asks again while the last question failed. "Off line" is reliable, "on line" is not. */
export const retryInterval = (hasFailed: boolean): number | false =>
  hasFailed && navigator.onLine ? retryEveryMs : false;

export function newQueryClient(): QueryClient {
  // People who come back to the window look at it, whether it was hidden or not.
  focusManager.setEventListener((comeBack) => {
    const listener = (): void => comeBack();
    addEventListener('focus', listener);
    return () => removeEventListener('focus', listener);
  });
  // A page that was opened without a network is told when there is one.
  onlineManager.setOnline(navigator.onLine);
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The browser's word for it does not decide whether the server can be asked.
        networkMode: 'always',
        retry: false,
        staleTime: 0,
        // Nothing is shown again that was read before the page left it: own changes are remembered only for what is
        // shown, and the next person at this browser sees nothing of the last one.
        gcTime: 0,
        refetchOnWindowFocus: false,
        refetchOnReconnect: ({ state }) => (state.status === 'error' ? 'always' : false),
      },
    },
  });
}
