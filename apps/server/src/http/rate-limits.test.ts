import { describe, expect, it } from 'vitest';
import { ProcessBuckets } from '../platform/limits/bucket-table.ts';
import { bucketOwner, RateLimits, ratePolicyOf } from './rate-limits.ts';
import { ApiScene } from '../api/test-api.ts';

function limitsOf(perMinute: number, now = () => 0): RateLimits {
  const buckets = new ProcessBuckets({ now });
  const limitState = { requests: buckets, costlyRequests: buckets };
  return new RateLimits({ perMinute, limitState });
}

describe('a rate limit', () => {
  it('allows a minute’s requests at once, then one for each that is back', async () => {
    let now = 0;
    const limits = limitsOf(60, () => now);
    const taken = await Promise.all(Array.from({ length: 61 }, () => limits.take('reads', 'a')));
    expect(taken.map(({ isAllowed }) => isAllowed)).toEqual([
      ...Array.from({ length: 60 }, () => true),
      false,
    ]);
    now += 999;
    expect((await limits.take('reads', 'a')).isAllowed).toBe(false);
    now += 1;
    expect((await limits.take('reads', 'a')).isAllowed).toBe(true);
    expect(await limits.take('reads', 'a')).toMatchObject({ isAllowed: false, waitSeconds: 1 });
  });

  it('tells quota, what is left and until when, in structured fields', async () => {
    const limits = limitsOf(60);
    expect((await limits.take('reads', 'a')).headers).toEqual({
      'ratelimit-policy': '"reads";q=60;w=60',
      ratelimit: '"reads";r=59;t=1',
    });
    expect((await limits.take('reads', 'a')).headers['ratelimit']).toBe('"reads";r=58;t=2');
    expect((await limits.take('creating', 'a')).headers['ratelimit-policy']).toBe(
      '"creating";q=15;w=60',
    );
  });

  it('counts each policy and each asker by itself', async () => {
    const limits = limitsOf(4);
    expect((await limits.take('creating', 'a')).isAllowed).toBe(true);
    expect((await limits.take('creating', 'a')).isAllowed).toBe(false);
    expect((await limits.take('creating', 'b')).isAllowed).toBe(true);
    expect((await limits.take('reads', 'a')).isAllowed).toBe(true);
  });

  it('says how long to wait, and then it is enough', async () => {
    let now = 0;
    const limits = limitsOf(4, () => now);
    await limits.take('creating', 'a');
    const { waitSeconds } = await limits.take('creating', 'a');
    now += waitSeconds * 1_000;
    expect((await limits.take('creating', 'a')).isAllowed).toBe(true);
  });

  it('is one for all servers that share their buckets, for what costs much; reads are counted by each server', async () => {
    const buckets = new ProcessBuckets({ now: () => 0 });
    const [here, there] = [1, 2].map(() => {
      const requests = new ProcessBuckets({ now: () => 0 });
      return new RateLimits({ perMinute: 8, limitState: { requests, costlyRequests: buckets } });
    });
    expect((await here?.take('creating', 'a'))?.isAllowed).toBe(true);
    expect((await there?.take('creating', 'a'))?.isAllowed).toBe(true);
    expect((await here?.take('creating', 'a'))?.isAllowed).toBe(false);
    for (let read = 0; read < 8; read += 1) {
      expect((await here?.take('reads', 'a'))?.isAllowed).toBe(true);
      expect((await there?.take('reads', 'a'))?.isAllowed).toBe(true);
    }
  });

  it('is one for an account, and one for all guests of an address', () => {
    const guest = { kind: 'guest', userId: '1' } as const;
    const other = { kind: 'guest', userId: '2' } as const;
    const account = {
      kind: 'account',
      userId: '3',
      authSessionId: 's',
      isAdmin: false,
      expiresAt: 0,
    } as const;
    expect(bucketOwner(guest, '10.0.0.1')).toBe(bucketOwner(other, '10.0.0.1'));
    expect(bucketOwner(guest, '10.0.0.1')).not.toBe(bucketOwner(guest, '10.0.0.2'));
    expect(bucketOwner(account, '10.0.0.1')).toBe(bucketOwner(account, '10.0.0.2'));
  });

  it('is of the policy that the route asks for', () => {
    const policy = (method: string, url: string, query: object = {}) =>
      ratePolicyOf({ method, query, routeOptions: { url } });
    expect(policy('GET', '/api/v1/documents')).toBe('reads');
    expect(policy('GET', '/api/v1/documents', { q: 'x' })).toBe('search');
    expect(policy('POST', '/api/v1/documents')).toBe('creating');
    expect(policy('POST', '/api/v1/documents/:id/restore')).toBe('writes');
    expect(policy('PUT', '/api/v1/documents/:id/text')).toBe('writes');
  });
});

describe('the REST API', () => {
  it('answers too many requests with 429 and when to come back', async () => {
    const scene = await ApiScene.open({ requestsPerMinute: 8 });
    const guest = scene.guest();
    const create = () => scene.ask(guest, 'POST', '/api/v1/documents', {});
    expect([(await create()).status, (await create()).status]).toEqual([201, 201]);
    const refused = await create();
    expect(refused.code).toBe('rateLimited');
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(refused.headers.get('ratelimit')).toMatch(/^"creating";r=0;t=\d+$/);
    // Another guest at the same address is no way around it; reading goes on.
    expect((await scene.ask(scene.guest(), 'POST', '/api/v1/documents', {})).status).toBe(429);
    expect((await scene.ask(guest, 'GET', '/api/v1/documents')).status).toBe(200);
    await scene.close();
  });

  it('counts accounts of one address together as well, so that more accounts are not ever more', async () => {
    const scene = await ApiScene.open({ requestsPerMinute: 8 });
    let created = 0;
    for (let n = 0; n < 30; n += 1) {
      const { userId: _, ...account } = await scene.account(`person-${n}`);
      for (let each = 0; each < 3; each += 1) {
        const { status } = await scene.ask(account, 'POST', '/api/v1/documents', {});
        if (status === 201) created += 1;
      }
    }
    // Each may create two at once; a network ten times as many, and some more as time passes.
    expect(created).toBeGreaterThanOrEqual(20);
    expect(created).toBeLessThan(40);
    await scene.close();
  });

  it('believes a forwarding header only of a proxy that is listed', async () => {
    const third = async (trustedProxies: string[]): Promise<number> => {
      const scene = await ApiScene.open({ requestsPerMinute: 8, trustedProxies });
      const create = (address: string) =>
        scene.ask(scene.guest(), 'POST', '/api/v1/documents', {}, { 'x-forwarded-for': address });
      for (const address of ['203.0.113.1', '203.0.113.2']) {
        expect((await create(address)).status).toBe(201);
      }
      const { status } = await create('203.0.113.3');
      await scene.close();
      return status;
    };
    expect(await third([])).toBe(429);
    expect(await third(['127.0.0.1'])).toBe(201);
  });
});
