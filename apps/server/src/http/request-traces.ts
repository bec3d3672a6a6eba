/** One span for each request: by its route, without its address, which can be a secret. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TraceSpan, Tracing } from '../platform/tracing.ts';

/** Registers the hooks; before all others, so that their time counts. */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, TraceSpan>();
  app.addHook('onRequest', async (request) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? 'nothing';
    const attributes = { 'http.request.method': method, 'http.route': route };
    spans.set(request, tracing.start(`${method} ${route}`, attributes));
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    const span = spans.get(request);
    span?.set({ 'http.response.status_code': statusCode });
    span?.end(statusCode >= 500 ? `status ${statusCode}` : undefined);
  });
  app.addHook('onRequestAbort', async (request) => spans.get(request)?.end('aborted'));
}
