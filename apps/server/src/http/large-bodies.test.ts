import { request as httpRequest, type ClientRequest } from 'node:http';
import { randomDocumentId } from '@concord/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ByteBudget, textBodyBytes } from './large-bodies.ts';
import { ApiScene } from '../api/test-api.ts';

describe('a budget of bytes', () => {
  it('is bounded per owner and in all, and released once', () => {
    const budget = new ByteBudget(100, 40);
    const give = budget.take('ann', 30);
    expect(budget.take('ann', 20)).toBe('owner');
    expect(typeof budget.take('bob', 40)).toBe('function');
    expect(budget.take('eve', 31)).toBe('all');
    expect(typeof budget.take('eve', 30)).toBe('function');
    if (typeof give === 'string') throw new Error(give);
    give();
    give();
    expect(budget.take('zoe', 31)).toBe('all');
    expect(typeof budget.take('ann', 30)).toBe('function');
  });

  it('admits a single body of any size, and forgets owners that released everything', () => {
    const budget = new ByteBudget(100, 40);
    const give = budget.take('ann', 500);
    if (typeof give === 'string') throw new Error(give);
    expect(budget.take('bob', 1)).toBe('all');
    give();
    expect(budget.owners).toBe(0);
  });
});

describe('a text that is as long as a document may be', () => {
  const documentCodePoints = 400_000;
  let scene: ApiScene;
  beforeAll(async () => {
    const { limits } = (scene = await ApiScene.open()).context.config;
    await scene.close();
    scene = await ApiScene.open({ limits: { ...limits, documentCodePoints } });
  });
  afterAll(() => scene.close());

  /** Four bytes each, more than a megabyte together. */
  const long = '😀'.repeat(documentCodePoints);

  it('is accepted in the form in which it was returned', async () => {
    const guest = scene.guest();
    const { id } = await scene.create(guest, { text: long });
    const path = `/d/${id}.md`;
    const read = await scene.ask(guest, 'GET', path);
    expect(read.text === long).toBe(true);
    const changed = `x${read.text.slice(2)}`;
    expect((await scene.ask(guest, 'PUT', path, changed)).status).toBe(204);
    expect((await scene.ask(guest, 'GET', path)).text === changed).toBe(true);
  });

  it('is accepted as JSON with every character escaped', async () => {
    const guest = scene.guest();
    const { id } = await scene.create(guest, { text: '\u0001'.repeat(documentCodePoints) });
    const read = await scene.ask(guest, 'GET', `/d/${id}.md`);
    expect(read.text.length).toBe(documentCodePoints);
  });

  it('is accepted with a client-chosen id', async () => {
    const guest = scene.guest();
    const path = `/api/v1/documents/${randomDocumentId()}`;
    expect((await scene.ask(guest, 'PUT', path, { text: long })).status).toBe(201);
    expect((await scene.ask(guest, 'GET', `${path}/text`)).text === long).toBe(true);
    expect((await scene.ask(guest, 'PUT', `${path}/text`, `x${long.slice(2)}`)).status).toBe(204);
  });

  it('is refused when it is longer, before it is read', async () => {
    const guest = scene.guest();
    const { id } = await scene.create(guest, {});
    const bytes = new Uint8Array(textBodyBytes({ documentCodePoints }) + 1).fill(0x61);
    const answer = await scene.ask(guest, 'PUT', `/d/${id}.md`, bytes);
    expect([answer.status, answer.code]).toEqual([413, 'bodyTooLarge']);
  });

  it('is refused for an account with several uploads in progress, and for no other', async () => {
    const [ann, bob] = [await scene.account('ann-large'), await scene.account('bob-large')];
    const { id } = await scene.create(ann, {});
    const { id: other } = await scene.create(bob, {});
    const { hostname, port } = new URL(scene.url);
    const path = `/api/v1/documents/${id}/text`;
    // They say how long they are, send nothing yet, and hold their share; one that is refused because the text below
    // came first, or that took too long, is sent again.
    const held = new Set<ClientRequest>();
    let isHolding = true;
    const hold = (): void => {
      const { authorization = '' } = ann as Record<string, string>;
      const headers = { authorization, 'content-type': 'text/plain', 'content-length': 1_600_000 };
      const sent = httpRequest({ hostname, port, path, method: 'PUT', headers, agent: false });
      held.add(sent);
      sent.on('response', (answer) => answer.resume());
      sent.on('error', () => undefined);
      sent.on('close', () => {
        held.delete(sent);
        if (isHolding) hold();
      });
      sent.flushHeaders();
    };
    for (let count = 0; count < 3; count += 1) hold();
    await expect
      .poll(async () => (await scene.ask(ann, 'PUT', path, long)).code, { timeout: 60_000 })
      .toBe('tooManyLargeBodies');
    expect((await scene.ask(ann, 'PUT', path, 'short')).status).toBe(204);
    const others = await scene.ask(bob, 'PUT', `/api/v1/documents/${other}/text`, long);
    expect(others.status).toBe(204);
    isHolding = false;
    for (const sent of held) sent.destroy();
    await expect
      .poll(async () => (await scene.ask(ann, 'PUT', path, long)).code, { timeout: 60_000 })
      .toBe('204');
  });
});
