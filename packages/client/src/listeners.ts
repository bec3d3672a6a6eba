/** Who listens to a document: the running client and what tabs share tell the same events. */
import type { DocumentClientEvents } from './document-client-api.ts';

type Listeners = { [E in keyof DocumentClientEvents]: Set<DocumentClientEvents[E]> };

/** Nobody yet. */
export const noListeners = (): Listeners => ({
  change: new Set(),
  carets: new Set(),
  merge: new Set(),
  refused: new Set(),
});
