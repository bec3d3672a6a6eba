/** Documents for tests of routes: over a store, with nobody connected. */
import type { Limits } from '@concord/protocol';
import { Documents } from '../document/documents.ts';
import type { Log } from '../log.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';

export function documentsWithoutSockets(
  store: Store,
  limits: Limits,
  metrics: ServerMetrics,
  log: Log,
): Documents {
  const documents = new Documents({
    store,
    limits,
    metrics,
    log,
    fatal: (error) => {
      throw error;
    },
  });
  const nobodyListens = (): void => {};
  documents.connect({
    send: nobodyListens,
    broadcast: nobodyListens,
    joined: nobodyListens,
    unjoined: nobodyListens,
    dismissed: nobodyListens,
    diverged: nobodyListens,
  });
  return documents;
}
