/** `/metrics`, for the operator only: it reveals the load of the server, and computing it costs work. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../platform/config.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import { Problem } from './problem.ts';

/** A request with one of these came through a proxy, so that its client may be anywhere. */
const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

export function registerMetrics(
  app: FastifyInstance,
  { metricsToken }: Pick<Config, 'metricsToken'>,
  metrics: ServerMetrics,
): void {
  app.get('/metrics', async (request, reply) => {
    if (metricsToken !== null) requireToken(request, metricsToken);
    else requireThisMachine(request);
    return reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text());
  });
}

function requireToken(request: FastifyRequest, expected: string): void {
  const presented = /^bearer +(.*)$/i.exec(request.headers.authorization?.trim() ?? '')?.[1] ?? '';
  if (timingSafeEqual(digest(presented), digest(expected))) return;
  const detail = 'Metrics need the token of CONCORD_METRICS_TOKEN as `Authorization: Bearer`.';
  throw new Problem(401, 'metricsToken', 'Metrics need a token', detail, {
    'www-authenticate': 'Bearer',
  });
}

/** Hashed before the comparison, because timingSafeEqual needs equal lengths. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function requireThisMachine({ socket, headers }: FastifyRequest): void {
  const isForwarded = FORWARDING_HEADERS.some((name) => headers[name] !== undefined);
  if (!isForwarded && isLoopbackAddress(socket.remoteAddress ?? '')) return;
  const detail =
    'Metrics are told to this machine alone. Set CONCORD_METRICS_TOKEN to read them from another.';
  throw new Problem(403, 'metricsOfThisMachine', 'Metrics only for this machine', detail);
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/i.test(address);
}
