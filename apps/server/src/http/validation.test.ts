import fastify from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ApiScene, type Answer } from '../api/test-api.ts';
import { validatorCompiler } from './validation.ts';

let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.open();
});
afterAll(() => scene.close());

const post = (body: unknown, headers = {}): Promise<Answer> =>
  scene.ask(scene.guest(), 'POST', '/api/v1/documents', body, headers);
const raw = (body: string, type = 'application/json'): Promise<Answer> =>
  post(body, { 'content-type': type });

describe('a request', () => {
  it('may omit the body where every field is optional', async () => {
    expect((await post(undefined)).status).toBe(201);
  });

  it('is refused with the name of the invalid field', async () => {
    const answer = await post({ title: 'x'.repeat(201) });
    expect([answer.status, answer.code]).toEqual([400, 'invalidBody']);
    expect(answer.json<{ detail: string }>().detail).toMatch(/^title: /);
  });

  it('is refused with an unknown key', async () => {
    const answer = await post({ titel: 'x' });
    expect(answer.code).toBe('invalidBody');
    expect(answer.text).toContain('titel');
  });

  it('is refused with keys that would reach the prototype', async () => {
    for (const key of ['__proto__', 'constructor']) {
      const answer = await raw(`{"title":"x","${key}":{"prototype":{"isAdmin":true}}}`);
      expect([answer.status, answer.code]).toEqual([400, 'invalidBody']);
    }
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
  });

  it('is refused when it is not JSON, or of another type', async () => {
    expect((await raw('{"title":')).code).toBe('invalidBody');
    expect((await raw('[]')).code).toBe('invalidBody');
    // JSON null is not the same as no body.
    expect((await raw('null')).code).toBe('invalidBody');
    expect((await raw('title=x', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await raw('{}', 'text/plain')).status).toBe(415);
  });

  it('is refused when it is too long', async () => {
    const body = { name: 'x'.repeat(1024 * 1024) };
    const answer = await scene.ask(scene.guest(), 'PATCH', '/api/v1/me', body);
    expect([answer.status, answer.code]).toEqual([413, 'bodyTooLarge']);
    expect(answer.text).toContain('longer than the 1,048,576 bytes');
    expect(answer.text).toContain('Nothing was changed');
  });

  it('is refused with an invalid query', async () => {
    const ask = (query: string) => scene.ask({}, 'GET', `/api/v1/documents?${query}`);
    expect((await ask('limit=0')).code).toBe('invalidQuery');
    expect((await ask('limit=101')).code).toBe('invalidQuery');
    expect((await ask('view=other')).code).toBe('invalidQuery');
    expect((await ask('owner=me')).code).toBe('invalidQuery');
  });

  it('is answered with 404 for a malformed id', async () => {
    for (const id of ['x', '..%2f..', 'A'.repeat(26), `${'a'.repeat(26)}'`]) {
      expect((await scene.ask({}, 'GET', `/api/v1/documents/${id}`)).code).toBe('notFound');
    }
  });
});

describe('an answer', () => {
  it('that does not match its schema is never sent', async () => {
    const app = fastify();
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    const typed = app.withTypeProvider<ZodTypeProvider>();
    const answers: Record<string, object> = {
      '/right': { name: 'x' },
      '/more': { name: 'x', passwordHash: 'secret' },
      '/less': {},
    };
    for (const [url, answer] of Object.entries(answers)) {
      typed.route({
        method: 'GET',
        url,
        schema: { response: { 200: z.strictObject({ name: z.string() }) } },
        handler: async () => answer as { name: string },
      });
    }
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const ask = async (url: string) => {
      const response = await fetch(address + url);
      return [response.status, (await response.text()).includes('secret')];
    };
    expect(await ask('/right')).toEqual([200, false]);
    expect(await ask('/more')).toEqual([500, false]);
    expect(await ask('/less')).toEqual([500, false]);
    await app.close();
  });
});
