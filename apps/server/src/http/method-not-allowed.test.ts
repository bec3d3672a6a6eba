import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiScene } from '../api/test-api.ts';

let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.open();
});
afterAll(() => scene.close());

const id = 'a'.repeat(26);

it.each([
  ['POST', '/livez', 'GET, HEAD, OPTIONS'],
  ['DELETE', '/api/v1/folders', 'GET, HEAD, OPTIONS'],
  ['PUT', '/api/v1/documents', 'GET, HEAD, OPTIONS, POST'],
  ['POST', `/api/v1/documents/${id}`, 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'],
  ['DELETE', `/d/slug-${id}.md`, 'GET, HEAD, OPTIONS, PUT'],
  ['TRACE', `/api/v1/documents/${id}/text`, 'GET, HEAD, OPTIONS, PUT'],
  ['GET', '/api/v1/links/open', 'OPTIONS, POST'],
  ['PUT', '/sign-in', 'GET, HEAD, OPTIONS'],
])('%s %s is not allowed, and told what is', async (method, path, allow) => {
  // fetch() refuses TRACE.
  const { port, hostname } = new URL(scene.url);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({ method, hostname, port, path }, resolve);
    asked.on('error', reject);
    asked.end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow]);
  expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({ code: 'methodNotAllowed' });
});

it('OPTIONS lists the methods of an address', async () => {
  const answer = await scene.ask({}, 'OPTIONS', '/api/v1/me/password');
  expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'OPTIONS, PUT']);
});

it('an unknown address is 404 for any method', async () => {
  for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
    expect((await scene.ask({}, method, '/api/v1/no-such-thing')).status).toBe(404);
  }
});
