/** The HTTP side: pages, text, health, metrics. The REST API is in `api/`. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { documentIdOfPath } from '@concord/protocol';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { identityOf, newGuest, renewedCookie, type Identity } from '../access/guest.ts';
import { isAllowedOrigin } from '../access/origin.ts';
import { registerApi } from '../api/routes.ts';
import type { Config } from '../config.ts';
import type { Documents } from '../document/documents.ts';
import type { Log } from '../log.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';
import { notFound, Problem, sendProblem } from './problem.ts';

export interface HttpOptions {
  readonly config: Config;
  readonly store: Store;
  readonly documents: Documents;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  /** False while starting or stopping: a balancer sends nobody here. */
  readonly isReady: () => boolean;
}

const BODY_BYTES = 1024 * 1024;
const WEB_DIRECTORY = fileURLToPath(new URL('../../../web/dist/', import.meta.url));

/** Strict, and without inline scripts; the editor inserts its styles by script. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { config, log, metrics, documents, isReady } = options;
  // Fastify's type for it, or the instance would be of a type of its own.
  const loggerInstance: FastifyBaseLogger = log;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES,
    // A client gets this long to send its headers and its whole request (slow loris).
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 600 },
  });

  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof Problem) return sendProblem(reply, error);
    const status = error.statusCode ?? 500;
    if (status < 500) {
      const problem = new Problem(status, 'badRequest', 'Bad request', error.message);
      return sendProblem(reply, problem);
    }
    log.error({ err: error }, 'request failed');
    const detail = 'The server could not do this. Nothing was changed; try again in a moment.';
    return sendProblem(reply, new Problem(status, 'internal', 'Server error', detail));
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(
      reply,
      new Problem(404, 'notFound', 'Not found', 'There is nothing at this address.'),
    ),
  );

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    });
    const isSafe = request.method === 'GET' || request.method === 'HEAD';
    if (!isSafe && !isAllowedOrigin(request.headers, config.origins)) {
      throw new Problem(403, 'forbiddenOrigin', 'Forbidden', 'This page may not write here.');
    }
  });

  app.get('/livez', (_request, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_request, reply) =>
    reply
      .code(isReady() ? 200 : 503)
      .type('text/plain')
      .send(isReady() ? 'ok\n' : 'not ready\n'),
  );
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );

  registerApi(app, options);
  await registerPages(app, documents);
  return app;
}

/** Who asks; a browser that is new here gets a cookie and is somebody from now on. */
export function requireIdentity(request: FastifyRequest, reply: FastifyReply): Identity {
  const known = identityOf(request.headers);
  if (known !== null) return known;
  const { identity, setCookie } = newGuest(request.protocol === 'https');
  void reply.header('set-cookie', setCookie);
  return identity;
}

async function registerPages(app: FastifyInstance, documents: Documents): Promise<void> {
  const isBuilt = existsSync(WEB_DIRECTORY);
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: WEB_DIRECTORY,
      index: false,
      wildcard: false,
      setHeaders: (response, path) => {
        const isHashed = path.includes('/assets/');
        void response.setHeader(
          'cache-control',
          isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    });
  }
  const page = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (!isBuilt) {
      const detail = 'The web app is not built. Run: npm run build';
      throw new Problem(503, 'notBuilt', 'Not built', detail);
    }
    const isHttps = request.protocol === 'https';
    const cookie = renewedCookie(request.headers, isHttps) ?? newGuest(isHttps).setCookie;
    return reply
      .headers({
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'set-cookie': cookie,
        'cache-control': 'no-cache, private',
      })
      .sendFile('index.html', { cacheControl: false });
  };
  app.get('/', page);
  app.get('/new', page);
  app.get<{ Params: { name: string } }>('/d/:name', async (request, reply) => {
    const { name } = request.params;
    if (!name.endsWith('.md')) return page(request, reply);
    const id = documentIdOfPath(name.slice(0, -'.md'.length));
    const document = id === null ? null : await documents.open(id);
    if (document === null) throw notFound();
    return reply
      .type('text/markdown; charset=utf-8')
      .header('etag', `"${document.version}"`)
      .header('cache-control', 'private, no-cache')
      .send(document.text.toString());
  });
}
