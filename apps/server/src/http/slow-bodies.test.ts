import { connect, type AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { OriginRules } from './origin.ts';
import { ApiScene } from '../api/test-api.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { createHttp } from '../http-server.ts';
import { RefusedSenders } from './refused-senders.ts';

it('ends a request whose body comes one byte at a time, while others are answered', async () => {
  const { context, close } = await ApiScene.open().then((scene) => ({
    context: scene.context,
    close: () => scene.close(),
  }));
  const app = await createHttp({
    ...context,
    metrics: new ServerMetrics(),
    origins: new OriginRules(context.config),
    refused: new RefusedSenders(pino({ level: 'silent' })),
    isReady: () => true,
    // The headers come at once; the whole request gets half a second here.
    times: { headersMs: 400, requestMs: 500, checkMs: 50 },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (piece) => (answer += String(piece)));
  const closed = new Promise<void>((resolve) => socket.on('error', () => {}).on('close', () => resolve())); // prettier-ignore
  const lines = ['POST /api/v1/documents HTTP/1.1', 'host: localhost', 'content-type: application/json', 'content-length: 1000000']; // prettier-ignore
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const drip = setInterval(() => socket.write(' '), 20);
  const beside = await fetch(`http://127.0.0.1:${port}/livez`);
  expect(beside.status).toBe(200);
  await closed;
  clearInterval(drip);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  await app.close();
  await close();
});
