import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { MemoryHolds } from '../store/memory/memory-holds.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import { addIdempotency } from './idempotency.ts';
import { KeptAnswers } from './kept-answers.ts';
import { SharedReservations } from './shared-reservations.ts';

it('a request that is sent to two nodes at once with one idempotency key is executed by one of them', async () => {
  const store = openMemoryStore();
  const secret = await store.secret('kept-answers');
  const holds = new MemoryHolds();
  const done: string[] = [];
  let finish = (): void => {};
  const gate = new Promise<void>((resolve) => (finish = resolve));
  const node = (name: string): FastifyInstance => {
    const app = fastify();
    addIdempotency(app, {
      keptAnswers: new KeptAnswers(store, secret),
      reservations: new SharedReservations(holds, () => {}),
      log: pino({ level: 'silent' }),
      userIdOf: async () => 'ann',
    });
    app.post('/things', async () => {
      done.push(name);
      await gate;
      return { number: done.length };
    });
    return app;
  };
  const nodes = [node('one'), node('other')];
  const send = async (app: FastifyInstance | undefined) => {
    const headers = { 'idempotency-key': 'key' };
    return (await app?.inject({ method: 'POST', url: '/things', headers, payload: {} }))?.statusCode; // prettier-ignore
  };
  const sent = nodes.map(send);
  // Whichever is refused says so while the other one is at work.
  expect(await Promise.race(sent)).toBe(409);
  finish();
  expect((await Promise.all(sent)).sort()).toEqual([200, 409]);
  expect(await Promise.all(nodes.map(send))).toEqual([200, 200]);
  expect(done).toHaveLength(1);
  await Promise.all(nodes.map((app) => app.close()));
  await store.close();
});
