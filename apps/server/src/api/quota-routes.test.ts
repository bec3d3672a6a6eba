import { randomDocumentId, type Usage } from '@concord/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiScene } from './test-api.ts';

const guest = { documents: 2, bytes: 100_000, bytesPerDay: null };
let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.open({ quotas: { guest, account: guest, addressBytesPerDay: null } });
});
afterAll(() => scene.close());

it('the quota of documents counts the trash, and is freed by permanent deletion', async () => {
  const who = scene.guest();
  const first = await scene.create(who);
  expect((await scene.ask(who, 'PUT', `/api/v1/documents/${randomDocumentId()}`, {})).status).toBe(201); // prettier-ignore
  const refused = await scene.ask(who, 'POST', '/api/v1/documents', {});
  expect([refused.status, refused.code]).toEqual([403, 'quotaExceeded']);
  await scene.ask(who, 'DELETE', `/api/v1/documents/${first.id}`);
  expect((await scene.ask(who, 'POST', '/api/v1/documents', {})).code).toBe('quotaExceeded');
  await scene.ask(who, 'DELETE', `/api/v1/documents/${first.id}?forever=true`);
  expect((await scene.ask(who, 'POST', '/api/v1/documents', {})).status).toBe(201);
});

it('created and replaced texts count towards the quota, and the usage reports them', async () => {
  const who = scene.guest();
  const document = await scene.create(who, { text: 'x'.repeat(20_000) });
  const path = `/d/${document.id}.md`;
  expect((await scene.ask(who, 'PUT', path, 'y'.repeat(20_000))).status).toBe(204);
  const refused = await scene.ask(who, 'PUT', path, 'z'.repeat(20_000), { 'idempotency-key': 'once' }); // prettier-ignore
  expect([refused.status, refused.code]).toEqual([403, 'quotaExceeded']);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  const usage = (await scene.ask(who, 'GET', '/api/v1/me/usage')).json<Usage>();
  expect(usage.documents).toEqual({ used: 1, limit: 2 });
  expect(usage.bytes.limit).toBe(100_000);
  expect(usage.bytes.used).toBeGreaterThan(100_000);
});
