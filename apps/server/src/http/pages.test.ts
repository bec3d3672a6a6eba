import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiScene } from '../api/test-api.ts';

const publicUrl = 'https://docs.example.org';
let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.open({ publicUrl, origins: [publicUrl] });
});
afterAll(() => scene.close());

const isBuilt = existsSync(fileURLToPath(new URL('../../../web/dist/index.html', import.meta.url)));

describe.runIf(isBuilt)('a page', () => {
  it('is served at every address of the app, with a policy without inline scripts', async () => {
    const id = 'a'.repeat(26);
    const paths = ['/', '/new', `/d/slug-${id}`, `/s/${id}`, '/sign-in', '/sign-up', '/account'];
    for (const path of paths) {
      const answer = await scene.ask({}, 'GET', path);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.text).toContain('<html');
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/(^|; )script-src 'self'(;|$)/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('may connect only to its own server, by WebSocket too', async () => {
    const policy = (await scene.ask({}, 'GET', '/')).headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/(^|; )connect-src 'self'(;|$)/);
    expect(policy).not.toContain('ws:');
  });

  it('gives a new browser a guest cookie, with the __Host- prefix on https', async () => {
    const cookies = (await scene.ask({}, 'GET', '/')).headers.getSetCookie();
    const [cookie = '', former = ''] = cookies;
    expect(cookie).toMatch(/^__Host-concord_guest=[a-z2-7]{26};/);
    expect(cookie.split('; ')).toEqual(
      expect.arrayContaining(['HttpOnly', 'Secure', 'Path=/', 'SameSite=Lax']),
    );
    expect(cookie).not.toContain('Domain');
    expect(former).toMatch(/^concord_guest=; Max-Age=0/);
    const [known = ''] = cookie.split(';');
    const again = (await scene.ask({ cookie: known }, 'GET', '/')).headers.get('set-cookie') ?? '';
    expect(again.split(';')[0]).toBe(known);
  });

  it('accepts the former guest cookie, and prefers the __Host- one', async () => {
    const guest = 'g'.repeat(26);
    const renewed = await scene.ask({ cookie: `concord_guest=${guest}` }, 'GET', '/');
    expect(renewed.headers.getSetCookie()[0]).toContain(`__Host-concord_guest=${guest};`);
    const both = `concord_guest=${'p'.repeat(26)}; __Host-concord_guest=${guest}`;
    expect(await scene.userIdOf({ cookie: both })).toBe(
      await scene.userIdOf({ guestToken: guest }),
    );
  });
});

describe('every answer', () => {
  it('carries HSTS, cross-origin isolation and nosniff headers', async () => {
    for (const path of ['/api/v1/me', '/livez', '/nothing-here', '/api/docs/static/index.html']) {
      const { headers } = await scene.ask({}, 'GET', path);
      expect([path, headers.get('strict-transport-security')]).toEqual([path, 'max-age=31536000']);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
  });

  it('carries no HSTS header where the public URL is not https', async () => {
    const plain = await ApiScene.open();
    const { headers } = await plain.ask({}, 'GET', '/api/v1/me');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.getSetCookie().join()).not.toContain('Secure');
    await plain.close();
  });
});

describe('the pages of the API', () => {
  it('share the rate limit of its reads', async () => {
    const limited = await ApiScene.open({ requestsPerMinute: 60 });
    let answered = 0;
    const ask = () => limited.ask({}, 'GET', '/api/docs/static/swagger-ui.css');
    while ((await ask()).status === 200) answered += 1;
    expect((await ask()).code).toBe('rateLimited');
    expect(answered).toBeGreaterThanOrEqual(60);
    await limited.close();
  });
});

describe.runIf(isBuilt)('what the service worker keeps of the app', () => {
  it('is the page with the same policy header, so that the policy holds offline too', async () => {
    const page = await scene.ask({}, 'GET', '/');
    const kept = await scene.ask({}, 'GET', '/index.html?__WB_REVISION__=1');
    expect(kept.text).toBe(page.text);
    const policy = kept.headers.get('content-security-policy');
    expect(policy).toBe(page.headers.get('content-security-policy'));
    expect(policy).toMatch(/(^|; )worker-src 'self'(;|$)/);
    // Cached for all people alike, so that it must not set a guest's cookie.
    expect(kept.headers.get('set-cookie')).toBeNull();
  });

  it('is revalidated, where its name does not contain its hash', async () => {
    const types = { '/sw.js': 'javascript', '/manifest.webmanifest': 'application/manifest+json' };
    for (const [path, type] of Object.entries(types)) {
      const { headers } = await scene.ask({}, 'GET', path);
      expect([path, headers.get('cache-control')]).toEqual([path, 'no-cache']);
      expect(headers.get('content-type')).toContain(type);
    }
    const { text } = await scene.ask({}, 'GET', '/');
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(text)?.[1] ?? '';
    const { headers } = await scene.ask({}, 'GET', script);
    expect(headers.get('cache-control')).toMatch(/immutable/);
  });

  it('excludes the build manifest, which is not served', async () => {
    expect((await scene.ask({}, 'GET', '/.vite/manifest.json')).status).toBe(404);
  });
});

describe('another address', () => {
  it('answers with problem+json', async () => {
    const answer = await scene.ask({}, 'GET', '/nothing-here');
    expect(answer.code).toBe('notFound');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('refuses writes by pages of other origins', async () => {
    const origin = (from: string) =>
      scene.ask(scene.guest(), 'POST', '/api/v1/documents', {}, { origin: from });
    expect((await origin('https://evil.example')).code).toBe('forbiddenOrigin');
    expect((await origin('null')).code).toBe('forbiddenOrigin');
    expect((await origin(publicUrl)).status).toBe(201);
  });
});
