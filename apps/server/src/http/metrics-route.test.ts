import fastify from 'fastify';
import { expect, it } from 'vitest';
import { ServerMetrics } from '../platform/metrics.ts';
import { registerMetrics } from './metrics-route.ts';
import { Problem, sendProblem } from './problem.ts';

async function ask(
  metricsToken: string | null,
  remoteAddress: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const app = fastify({ trustProxy: true });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof Problem) return sendProblem(reply, error);
    throw error;
  });
  registerMetrics(app, { metricsToken }, new ServerMetrics());
  return (await app.inject({ url: '/metrics', remoteAddress, headers })).statusCode;
}

it('without a token, metrics are served only to this machine, and not through a proxy on it', async () => {
  for (const address of ['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1']) {
    expect(await ask(null, address), address).toBe(200);
  }
  for (const address of ['192.0.2.1', '10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1']) {
    expect(await ask(null, address), address).toBe(403);
    expect(await ask(null, address, { 'x-forwarded-for': '127.0.0.1' }), address).toBe(403);
  }
  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
    expect(await ask(null, '127.0.0.1', { [header]: '127.0.0.1' }), header).toBe(403);
  }
});

it('with a token, metrics are served to its bearer from any address', async () => {
  const authorization = 'Bearer a-token-for-the-monitoring';
  const token = 'a-token-for-the-monitoring';
  expect(await ask(token, '192.0.2.1', { authorization })).toBe(200);
  for (const headers of [
    {},
    { authorization: 'Bearer ' },
    { authorization: `${authorization}x` },
  ]) {
    expect(await ask(token, '127.0.0.1', headers)).toBe(401);
  }
});
