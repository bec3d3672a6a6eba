/** How a service writes for a request that may be sent again. */
import type { KeptWrite } from './account-store.ts';

/**
 * Asked when the outcome of a change is known and before it is written: for a request with an idempotency key, the
 * answer that the write keeps in the same transaction ({@link KeptWrite}); null for any other.
 */
export type WriteThrough<Outcome = void> = (outcome: Outcome) => KeptWrite | null;
