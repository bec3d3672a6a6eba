import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problem, sendProblem } from './problem.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';
import { addIdempotency } from './idempotency.ts';
import { KEPT_ANSWER_MS, KeptAnswers } from './kept-answers.ts';
import { ProcessReservations } from './reservations.ts';

let store: Store;
let keptAnswers: KeptAnswers;
/** Reservations shared between servers. */
let reservations: ProcessReservations;
let app: FastifyInstance;
let address: string;
let now: number;
let done: unknown[];
/** The handler: called when it starts, what it waits for, what it answers. */
let begun: () => void;
let gate: Promise<void>;
let status: number;

beforeEach(async () => {
  store = openMemoryStore();
  now = 1_000_000;
  done = [];
  begun = () => {};
  gate = Promise.resolve();
  status = 201;
  app = fastify();
  app.setErrorHandler((error, _request, reply) =>
    error instanceof Problem
      ? sendProblem(reply, error)
      : reply.code(500).send({ code: 'internal' }),
  );
  keptAnswers = new KeptAnswers(store, await store.secret('kept-answers'), () => now);
  reservations = new ProcessReservations();
  addIdempotency(app, {
    keptAnswers,
    reservations,
    log: pino({ level: 'silent' }),
    userIdOf: async ({ headers }) => String(headers['x-user'] ?? '') || null,
  });
  for (const url of ['/things', '/api/v1/sessions/refresh', '/api/v1/accounts']) {
    app.post(url, async (request, reply) => {
      begun();
      await gate;
      done.push(request.body);
      void reply.code(status).headers({ location: `/things/${done.length}`, 'set-cookie': 'a=b' });
      return { number: done.length, secret: 'share-token' };
    });
  }
  app.delete('/things/:id', async (_request, reply) => {
    done.push('deleted');
    return reply.code(204).send();
  });
  app.post('/broken', async () => {
    done.push('broken');
    throw new Error('no');
  });
  address = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  await app.close();
  await store.close();
});

async function send(
  key: string | null,
  {
    method = 'POST',
    url = '/things',
    user = 'user-1',
    body = { a: 1 },
  }: { method?: string; url?: string; user?: string | null; body?: unknown } = {},
) {
  const response = await fetch(address + url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === null ? {} : { 'idempotency-key': key }),
      ...(user === null ? {} : { 'x-user': user }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    location: response.headers.get('location'),
    type: response.headers.get('content-type'),
    retryAfter: response.headers.get('retry-after'),
    cookie: response.headers.get('set-cookie'),
    text,
    code: response.ok ? null : ((JSON.parse(text) as { code?: string }).code ?? null),
  };
}

describe('a write with an idempotency key', () => {
  it('is executed once; repeats get the same answer without its cookies', async () => {
    const first = await send('k');
    const again = await send('k');
    expect(done).toHaveLength(1);
    expect(first.cookie).toBe('a=b');
    expect(again).toEqual({ ...first, cookie: null });
    expect(again).toMatchObject({ status: 201, location: '/things/1' });
  });

  it('is executed once also when its answer has no body', async () => {
    const ask = () => send('k', { method: 'DELETE', url: '/things/1', body: undefined });
    expect([(await ask()).status, (await ask()).status]).toEqual([204, 204]);
    expect(done).toEqual(['deleted']);
  });

  it('is refused while another server has reserved the key, and executed after that', async () => {
    const key = keptAnswers.hash('user-1', 'k');
    await reservations.reserve(key, 'of another request');
    // The refusal leaves the reservation to its holder.
    for (const _ of ['once', 'again']) expect((await send('k')).code).toBe('idempotencyKeyReused');
    expect(done).toEqual([]);
    await reservations.release(key);
    expect((await send('k')).status).toBe(201);
    expect(await reservations.reserve(key, 'of the next one')).toBeNull();
  });

  it('is refused when the key was used for another request', async () => {
    await send('k');
    expect((await send('k', { body: { a: 2 } })).code).toBe('idempotencyKeyReused');
    expect((await send('k', { url: '/things/1', method: 'DELETE' })).status).toBe(422);
    expect(done).toHaveLength(1);
  });

  it('is refused while the same request is in progress, and answered afterwards', async () => {
    let open = (): void => {};
    gate = new Promise((resolve) => (open = resolve));
    const isUnderWay = new Promise<void>((resolve) => (begun = resolve));
    const first = send('k');
    await isUnderWay;
    expect(await send('k')).toMatchObject({ code: 'idempotencyKeyInUse', retryAfter: '1' });
    expect((await send('k', { body: { a: 2 } })).code).toBe('idempotencyKeyReused');
    open();
    const answer = await first;
    expect(await send('k')).toEqual({ ...answer, cookie: null });
    expect(done).toHaveLength(1);
  });

  it('is executed again for another user, with another key, and without a key', async () => {
    await send('k');
    await send('k', { user: 'user-2' });
    await send('other');
    await send(null);
    await send(null);
    expect(done).toHaveLength(5);
  });

  it('is executed again after a day', async () => {
    await send('k');
    now += KEPT_ANSWER_MS;
    await send('k');
    expect(done).toHaveLength(2);
  });

  it('is executed again after a server failure, a missing identity or a rate limit', async () => {
    await send('k', { url: '/broken' });
    await send('k', { url: '/broken' });
    expect(done).toEqual(['broken', 'broken']);
    for (const refused of [401, 429, 500, 503]) {
      status = refused;
      const before = done.length;
      await send(`key-${refused}`);
      await send(`key-${refused}`);
      expect(done.length).toBe(before + 2);
    }
  });

  it('gets the same answer again after a permanent refusal', async () => {
    status = 403;
    await send('k');
    status = 201;
    expect((await send('k')).status).toBe(403);
  });

  it('is refused from an anonymous client, and with a malformed key', async () => {
    expect((await send('k', { user: null })).code).toBe('identityNeeded');
    expect((await send('x'.repeat(256))).code).toBe('invalidIdempotencyKey');
    expect(done).toEqual([]);
  });

  it('is not kept where the answer carries credentials of a sign-in', async () => {
    for (const url of ['/api/v1/sessions/refresh', '/api/v1/accounts']) {
      await send('k', { url });
      await send('k', { url });
    }
    expect(done).toHaveLength(4);
  });
});

describe('a kept answer', () => {
  it('is encrypted in the store, and bound to its key', async () => {
    const secret = await store.secret('kept-answers');
    const answers = new KeptAnswers(store, secret, () => now);
    const answer = { status: 201, headers: {}, body: '{"url":"/s/secret-token"}' };
    await answers.put('key', { requestHash: 'request', at: now }, answer);
    const kept = await store.keptAnswers.get('key');
    expect(JSON.stringify(kept)).not.toContain('secret-token');
    expect(Buffer.from(kept?.body ?? '', 'base64').toString('latin1')).not.toContain('secret');
    expect((await answers.get('key'))?.answer).toEqual(answer);
    if (kept !== null) await store.keptAnswers.put('other', kept);
    await expect(answers.get('other')).rejects.toThrow();
  });

  it('keeps nothing of the request from which a password could be guessed', async () => {
    const answers = new KeptAnswers(store, await store.secret('kept-answers'));
    expect(answers.hash('a', 'bc')).not.toBe(answers.hash('ab', 'c'));
    await send('k', { body: { role: 'viewer', password: 'one' } });
    // The fingerprint does not include the password, so that another one makes no difference.
    expect((await send('k', { body: { role: 'viewer', password: 'two' } })).status).toBe(201);
    expect(done).toHaveLength(1);
  });
});
