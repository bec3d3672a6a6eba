/** Another node owns the document, or should. */
import type { LiveLease } from '../store/ports/cluster-store.ts';

export class NotHereError extends Error {
  readonly code = 'ownedElsewhere';
  /** Where clients of the document go. */
  readonly owner: LiveLease;
  constructor(owner: LiveLease) {
    super(`Node ${owner.node} has the document.`);
    this.owner = owner;
  }
}
