/** For tests: what the routes of the REST API have at hand, over a store in memory. */
import { pino } from 'pino';
import type { AccountScene } from '../accounts/test-accounts.ts';
import { LocalDocumentHandles, type DocumentHandles } from '../documents/document-handle.ts';
import type { DocumentRegistry } from '../documents/document-registry.ts';
import { ProcessReservations } from '../http/reservations.ts';
import type { Config } from '../platform/config.ts';
import { processLimitState } from '../platform/limits/limit-state.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { withServices } from '../services.ts';
import type { ApiContext } from './context.ts';
import { documentsWithoutSockets } from './test-documents.ts';

/** With what is behind the services. */
export interface TestContext extends ApiContext {
  readonly documents: DocumentRegistry;
  readonly handles: DocumentHandles;
  readonly metrics: ServerMetrics;
}

/** @param elsewhere the documents, when their owners are not in this process */
export function testContext(
  { store, services, events }: AccountScene,
  config: Config,
  elsewhere: DocumentHandles | null = null,
): TestContext {
  const log = pino({ level: 'silent' });
  const metrics = new ServerMetrics();
  const documents = documentsWithoutSockets(store, config.limits, metrics, log, events);
  return withServices({
    config,
    store,
    documents,
    handles: elsewhere ?? new LocalDocumentHandles(documents),
    authenticator: services.authenticator,
    services,
    events,
    log,
    metrics,
    limitState: processLimitState(),
    reservations: new ProcessReservations(),
  });
}
