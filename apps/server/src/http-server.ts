/** The HTTP server: the hooks that every request passes, health and metrics. Pages and the API are registered on it. */
import helmet from '@fastify/helmet';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify'; // prettier-ignore
import { NotHereError } from './documents/not-here-error.ts';
import type { OriginRules } from './http/origin.ts';
import type { ApiContext } from './api/context.ts';
import { USUAL_BODY_BYTES } from './http/large-bodies.ts';
import { registerApi } from './api/routes.ts';
import { FewLines } from './platform/few-lines.ts';
import type { Tracing } from './platform/tracing.ts';
import type { ServerMetrics } from './platform/metrics.ts';
import { foreignOrigin } from './http/door-problems.ts';
import type { Routing } from './http/forwarding/routing.ts';
import { watchMethods } from './http/method-not-allowed.ts';
import { registerMetrics } from './http/metrics-route.ts';
import { registerPages } from './http/pages.ts';
import { securityHeaders } from './http/security-headers.ts';
import type { StorageRoom } from './store/ports/store.ts';
import { Problem, sendProblem } from './http/problem.ts';
import { problemOfError, serverProblem } from './http/problem-of-error.ts';
import type { RefusedSenders } from './http/refused-senders.ts';
import { traceRequests } from './http/request-traces.ts';

export interface HttpOptions extends ApiContext {
  readonly metrics: ServerMetrics;
  readonly origins: OriginRules;
  readonly refused: RefusedSenders;
  /** Null, or left out, when nothing is traced. */
  readonly tracing?: Tracing | null;
  /** False while starting or stopping, so that a load balancer sends no requests here. */
  readonly isReady: () => boolean;
  /** Passes requests on to other nodes; null when there are none. */
  readonly routing?: Pick<Routing, 'addTo' | 'passOn'> | null;
  /** For tests. */
  readonly times?: RequestTimes;
}

/** How long a client gets to send its headers, and its whole request (slow loris), in milliseconds. */
export interface RequestTimes {
  readonly headersMs: number;
  readonly requestMs: number;
  /** Interval of the check for late ones; by default every half minute, which would double the times above. */
  readonly checkMs: number;
}

/** A megabyte at 280 kbit/s. */
const requestTimes: RequestTimes = { headersMs: 10_000, requestMs: 30_000, checkMs: 2_000 };
/** How long a connection without a request is kept; longer than proxies pause between two. */
const KEEP_ALIVE_MS = 72_000;

/** Ready also while saving is paused: documents can be read, and deleting some to free space needs the server. */
function readySentence({ isPaused }: StorageRoom): string {
  return isPaused ? 'ok, but saving is paused: the disk is almost full\n' : 'ok\n';
}

export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { config, log, metrics, origins, refused, isReady, times = requestTimes } = options;
  // Typed as Fastify's logger, so that the instance has the default type.
  const loggerInstance: FastifyBaseLogger = log;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: USUAL_BODY_BYTES,
    requestTimeout: times.requestMs,
    http: { headersTimeout: times.headersMs, connectionsCheckingInterval: times.checkMs },
    keepAliveTimeout: KEEP_ALIVE_MS,
    // connections.ts ends the others, after their answers in progress.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 600 },
    // Forwarding headers are believed only from listed proxies: any client can forge them (docs/security.md#proxies).
    trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies],
  });

  if (options.tracing) traceRequests(app, options.tracing);
  const fewLines = new FewLines(log);
  app.setErrorHandler((error, request, reply) => {
    const refuse = (): FastifyReply => {
      const problem = problemOfError(error, request.routeOptions.bodyLimit);
      if (problem === null) fewLines.error({ err: error }, 'request failed');
      return sendProblem(reply, problem ?? serverProblem());
    };
    if (!(error instanceof NotHereError) || !options.routing) return refuse();
    return options.routing
      .passOn(request, reply, error)
      .then((isAnswered) => (isAnswered ? reply : refuse()));
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(
      reply,
      new Problem(404, 'notFound', 'Not found', 'There is nothing at this address.'),
    ),
  );

  await app.register(helmet, securityHeaders(config));
  app.addHook('onRequest', async (request) => {
    const isSafe = request.method === 'GET' || request.method === 'HEAD';
    if (!isSafe && origins.senderOf(request.headers) === 'foreign') {
      metrics.requestRefused('origin');
      refused.origin(request.headers.origin);
      throw foreignOrigin();
    }
  });

  options.routing?.addTo(app);

  const addMissingMethods = watchMethods(app);
  app.get('/livez', (_request, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_request, reply) =>
    reply
      .code(isReady() ? 200 : 503)
      .type('text/plain')
      .send(isReady() ? readySentence(options.store.room.current()) : 'not ready\n'),
  );
  registerMetrics(app, config, metrics);

  await registerApi(app, options);
  await registerPages(app, config);
  addMissingMethods();
  return app;
}
