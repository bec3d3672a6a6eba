/** Documents for tests of routes: over a store, without sessions. */
import type { Limits } from '@concord/protocol';
import { DocumentRegistry } from '../documents/document-registry.ts';
import type { Ownership } from '../documents/ownership.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { Store } from '../store/ports/store.ts';

export function documentsWithoutSockets(
  store: Store,
  limits: Limits,
  metrics: ServerMetrics,
  log: Log,
  events: DomainEvents,
  ownership?: Ownership,
): DocumentRegistry {
  const documents = new DocumentRegistry({
    store,
    limits,
    metrics,
    log,
    events,
    ...(ownership !== undefined && { ownership }),
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
