/** How a service writes for a request with an idempotency key. */
import type { KeptWrite } from './account-store.ts';

/**
 * Called when the outcome of a change is known, before it is written. For a request with an idempotency key, returns
 * the answer that the write stores in the same transaction ({@link KeptWrite}); null for any other request.
 */
export type WriteThrough<Outcome = void> = (outcome: Outcome) => KeptWrite | null;
