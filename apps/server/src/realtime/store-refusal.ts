/** What a session is told when the store cannot be asked now. */
import { StoreUnavailableError } from '../store/ports/store-unavailable.ts';
import type { Refusal } from './gateway.ts';

/** @param detail what could not be done, for errors that do not say when it may be tried again */
export function storeRefusal(error: unknown, detail: string): Refusal {
  const refusal = { code: 'storeUnavailable', detail, retryable: true } as const;
  if (!(error instanceof StoreUnavailableError)) return refusal;
  const why =
    error.reason === 'busy'
      ? 'The server has too much to do at once.'
      : 'The database of the server does not answer now.';
  return {
    ...refusal,
    detail: `${why} What you typed is kept, and sent by itself as soon as that is possible.`,
    retryAfterMs: error.retryAfterMs,
  };
}
