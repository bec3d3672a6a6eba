/** How a service writes for a request that may be sent again. */
import type { Store } from './store.ts';

/**
 * The store that a change is written through, chosen when its outcome is known and before it is written: for a request
 * with an idempotency key the one whose write keeps the answer in the same transaction ({@link Store.keeping}).
 */
export type WriteThrough<Outcome = void> = (outcome: Outcome) => Store;
