/** Starts the server, and stops it in order: intake, commits, checkpoints, store. */
import type { AddressInfo } from 'node:net';
import { startBackups } from './jobs/backup/backups.ts';
import { createAccountServices } from './accounts/account-services.ts';
import { membershipOf } from './cluster/membership.ts';
import { OriginRules } from './http/origin.ts';
import { startHousekeeping } from './jobs/housekeeping.ts';
import { JobTurns } from './jobs/job-turns.ts';
import { Attempts } from './platform/attempts.ts';
import type { Config } from './platform/config.ts';
import { eventsBetweenNodes } from './cluster/shared-events.ts';
import { DamageScan } from './documents/damage-scan.ts';
import { LocalDocumentHandles } from './documents/document-handle.ts';
import { OperationTraces } from './documents/operation-traces.ts';
import { DocumentRegistry } from './documents/document-registry.ts';
import { addressReader } from './http/address-of.ts';
import { Connections } from './http/connections.ts';
import { limitsBetweenNodes } from './http/limits-between-nodes.ts';
import { watchDescriptors } from './http/descriptors.ts';
import { refuseHandshakes } from './http/leaving.ts';
import { isForwarded } from './http/forwarding/forwarded.ts';
import { routedNodeOf, startRouting, type RoutedNode } from './http/forwarding/start-routing.ts';
import { guardServer } from './http/front-door.ts';
import { Guard } from './platform/guard.ts';
import { takeOrders } from './jobs/control.ts';
import { createHttp } from './http-server.ts';
import { RefusedSenders } from './http/refused-senders.ts';
import { Sockets } from './realtime/sockets.ts';
import type { Log } from './platform/log.ts';
import { ServerMetrics } from './platform/metrics.ts';
import { startTracing } from './platform/tracing.ts';
import { SearchIndexing } from './jobs/indexing.ts';
import { guardStore } from './store/guarded/guarded-store.ts';
import type { Store } from './store/ports/store.ts';
import { withServices } from './services.ts';
import { watchStore } from './jobs/watch-store.ts';

export interface RunningServer {
  /** Where people open it. */
  readonly url: string;
  /**
   * Resolves when everything taken in is durable and checkpointed, and the store is closed.
   * @param withinMs how long a node of a cluster may take to hand its documents over, and then to stop
   */
  stop(withinMs?: number): Promise<void>;
}

/** The address cannot be listened on; one plain sentence. */
export class ListenError extends Error {
  readonly code = 'listen';
}

/**
 * Rejects with ListenError.
 * @param fatal called once when the store's state is unknown: the process must end
 * @param routedNode for tests: where documents are, instead of what the cluster knows
 */
export async function serve(
  config: Config,
  opened: Store,
  log: Log,
  fatal: (error: Error) => void,
  routedNode: RoutedNode | null = null,
): Promise<RunningServer> {
  const metrics = new ServerMetrics();
  const store = guardStore(opened, { metrics: metrics.store, log });
  const tracing = await startTracing(config.otlpUrl);
  const traces = tracing === null ? null : new OperationTraces(tracing);
  const guard = new Guard({ log, metrics });
  const origins = new OriginRules(config);
  const refused = new RefusedSenders(log);
  let isReady = false;
  const { limitState, reservations } = limitsBetweenNodes({ store, log });
  const membership = membershipOf({ config, store, log, metrics });
  const turns = new JobTurns(store);
  const { events, stopEvents } = eventsBetweenNodes({ store, guard, log, metrics });
  const documents = new DocumentRegistry({
    store,
    limits: config.limits,
    memoryBytes: config.documentMemoryBytes,
    metrics,
    log,
    fatal,
    events,
    ...(membership === null ? {} : { ownership: membership.ownership }),
    traces,
  });
  const handles = new LocalDocumentHandles(documents);
  const isMyTurn = (): Promise<boolean> => turns.isMine('indexing');
  const indexing = new SearchIndexing({ store, handles, log, events, isMyTurn });
  const makeDerivedAgain = (): void => indexing.start();
  const damageScan = new DamageScan({ store, damaged: documents.damaged, log });
  const filesDamaged = (): void => damageScan.readWholeLogs();
  watchStore({ store, log, metrics, makeDerivedAgain, filesDamaged, fatal });
  const services = await createAccountServices(store, config, events, log, {
    attempts: new Attempts(limitState),
    onPasswordWork: () => metrics.passwordWorked(),
  });
  const context = withServices({
    config,
    store,
    documents,
    handles,
    authenticator: services.authenticator,
    services,
    events,
    log,
    metrics,
    limitState,
    reservations,
  });
  const isServing = (): boolean => isReady && (membership?.isReady ?? true);
  const addressOf = addressReader(config.trustedProxies);
  const { signingKeys } = services;
  const routed = routedNode ?? routedNodeOf(config.node.name, membership, store.cluster);
  const routing = startRouting(routed, { signingKeys, guard, metrics, addressOf });
  const app = await createHttp({ ...context, metrics, origins, refused, tracing, routing, isReady: isServing }); // prettier-ignore
  const { newSessionId } = routing ?? {};
  const sockets = new Sockets(app.server, { ...context, metrics, guard, origins, traces, newSessionId, isForwarded }); // prettier-ignore
  watchDescriptors(app.server, { log, refused: (kind) => metrics.workRefused(kind) });
  routing?.behindFrontDoor(app.server);
  // One that has lost its lease for a moment is not leaving: it takes the documents again.
  const isLeaving = (): boolean => !isReady || membership?.isDraining === true;
  refuseHandshakes(app.server, (id) => isLeaving() && documents.running(id) === undefined);
  guardServer(app.server, { origins, refused, metrics, guard, addressOf });
  routing?.beforeFrontDoor(app.server);
  const connections = new Connections(app.server);
  documents.connect(sockets);
  try {
    // For `localhost` Fastify makes a second server, past the sockets and the front door.
    const address = config.host === 'localhost' ? '127.0.0.1' : config.host;
    await app.listen({ port: config.port, host: address });
  } catch (error) {
    await Promise.all([sockets.close(), stopEvents()]);
    throw new ListenError(listenSentence(config, error), { cause: error });
  }
  isReady = true;
  const { port } = app.server.address() as AddressInfo;
  membership?.start(documents, port);
  indexing.start();
  damageScan.start();
  const stopHousekeeping = startHousekeeping({
    ...context,
    isMyTurn: () => turns.isMine('housekeeping'),
  });
  const backups = startBackups({ config, log, metrics });
  const stopWatchingKeys = signingKeys.watch((error) =>
    log.warn({ err: error }, 'whether the signing keys were replaced is not known'),
  );
  const stopOrders = await takeOrders(config.dataDirectory, {
    backup: backups.make,
    rotateKeys: async (endsFormer) => {
      const endedSessions = await signingKeys.rotate({ endsFormer });
      log.info({ endsFormer, endedSessions }, 'the signing keys were replaced');
      return { endedSessions };
    },
  });
  const host = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(config.host)
    ? 'localhost'
    : config.host;
  return {
    url: `http://${host}:${port}`,
    stop: async (withinMs) => {
      isReady = false;
      await Promise.all([membership?.stop(withinMs), routing?.drain(withinMs)]);
      stopHousekeeping();
      stopOrders();
      backups.stop();
      stopWatchingKeys();
      await Promise.all([indexing.stop(), damageScan.stop()]);
      await turns.release();
      await documents.stop();
      await services.quotas.flush();
      await stopEvents();
      // No more connections from here on; those that wait for nothing end now, the others when they are done.
      const closed = app.close();
      await sockets.close();
      await connections.end();
      routing?.stop();
      await closed;
      await store.close();
      await tracing?.stop();
    },
  };
}

function listenSentence({ host, port }: Config, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use by another program: stop it, or choose another with PORT.`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user: choose one above 1023 with PORT.`;
    default:
      return `The server cannot listen on ${host}, port ${port} (${code ?? String(error)}): check HOST.`;
  }
}
