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
  it('is there at every address of the app, under a policy without inline scripts', async () => {
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

  it('makes a guest of a browser that is new, by a cookie for https where people come by https', async () => {
    const cookie = (await scene.ask({}, 'GET', '/')).headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^concord_guest=[a-z2-7]{26};/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('Secure');
    const [known = ''] = cookie.split(';');
    const again = (await scene.ask({ cookie: known }, 'GET', '/')).headers.get('set-cookie') ?? '';
    expect(again.split(';')[0]).toBe(known);
  });
});

describe.runIf(isBuilt)('what the service worker keeps of the app', () => {
  it('is the page with its policy, which holds without the server too', async () => {
    const page = await scene.ask({}, 'GET', '/');
    const kept = await scene.ask({}, 'GET', '/index.html?__WB_REVISION__=1');
    expect(kept.text).toBe(page.text);
    const policy = kept.headers.get('content-security-policy');
    expect(policy).toBe(page.headers.get('content-security-policy'));
    expect(policy).toMatch(/(^|; )worker-src 'self'(;|$)/);
    // It is everybody's: whoever gets it becomes nobody by it.
    expect(kept.headers.get('set-cookie')).toBeNull();
  });

  it('is asked for anew, where its name does not change with it', async () => {
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

  it('tells nobody how the app was put together', async () => {
    expect((await scene.ask({}, 'GET', '/.vite/manifest.json')).status).toBe(404);
  });
});

describe('another address', () => {
  it('is a problem, as everything that fails', async () => {
    const answer = await scene.ask({}, 'GET', '/nothing-here');
    expect(answer.code).toBe('notFound');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('may not be written to by pages of other origins', async () => {
    const origin = (from: string) =>
      scene.ask(scene.guest(), 'POST', '/api/v1/documents', {}, { origin: from });
    expect((await origin('https://evil.example')).code).toBe('forbiddenOrigin');
    expect((await origin('null')).code).toBe('forbiddenOrigin');
    expect((await origin(publicUrl)).status).toBe(201);
  });
});
