import type { DocumentResource } from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nowhere } from '../accounts/test-accounts.ts';
import { readTokenOfRequest } from '../http/principal-of-request.ts';
import { ApiScene, type Headers } from './test-api.ts';
import { accountApi } from './test-browser.ts';

let scene: ApiScene;
let document: DocumentResource;
let readToken: string;
let sessionId: string;
let browser: Headers;
beforeEach(async () => {
  scene = await ApiScene.open();
  const { userId, ...ann } = await scene.account('ann');
  const started = await scene.context.services.authSessions.start(userId, nowhere);
  ({ readToken } = started);
  ({ sessionId } = started.signedIn);
  browser = { cookie: `concord_read=${readToken}; concord_guest=${'g'.repeat(26)}` };
  document = await scene.create(ann, { title: 'Plan', text: 'one two' });
});
afterEach(() => scene.close());

const read = (headers: Headers, method = 'GET', path = `/d/${document.id}.md`) =>
  scene.ask(headers, method, path);

describe('the read cookie', () => {
  it('authenticates reads at each address of a document', async () => {
    const answer = await read(browser);
    expect([answer.status, answer.text]).toEqual([200, 'one two']);
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    for (const rest of ['', '/text', '/snapshot', '/operation?after=0&through=1']) {
      const path = `/api/v1/documents/${document.id}${rest}`;
      expect((await read(browser, 'GET', path)).status, rest).toBe(200);
    }
    expect((await read(browser, 'HEAD')).status).toBe(200);
    const foreign = await scene.create(scene.guest(), {});
    expect((await read(browser, 'GET', `/d/${foreign.id}.md`)).status).toBe(404);
  });

  it('is ignored on writes, whatever the route declares', () => {
    const tokenBy = (method: string) =>
      readTokenOfRequest({
        ...{ method, ip: '192.0.2.1', protocol: 'http' },
        headers: { cookie: `concord_read=${readToken}` },
        routeOptions: { config: { browserRead: true } },
      });
    expect(['GET', 'HEAD'].map(tokenBy)).toEqual([readToken, readToken]);
    expect(['PUT', 'POST', 'PATCH', 'DELETE'].map(tokenBy)).toEqual([null, null, null, null]);
  });

  it('allows no writes, no lists of people or links, and no account', async () => {
    const at = `/api/v1/documents/${document.id}`;
    const answers = await Promise.all([
      scene.ask(browser, 'PUT', `${at}/text?baseVersion=1`, 'other'),
      scene.ask(browser, 'PATCH', at, { title: 'Other' }),
      scene.ask(browser, 'DELETE', at),
      scene.ask(browser, 'GET', `${at}/people`),
      scene.ask(browser, 'GET', `${at}/links`),
      scene.ask(browser, 'GET', '/api/v1/sessions'),
      scene.ask(browser, 'GET', '/api/v1/tokens'),
      scene.ask(browser, 'POST', '/api/v1/tokens', { label: 'x', scopes: ['account'] }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 401, 401, 401]);
    const me = await scene.ask(browser, 'GET', '/api/v1/me');
    expect(me.json()).toMatchObject({ kind: 'guest' });
    expect((await scene.ask(browser, 'GET', '/api/v1/documents')).json()).toMatchObject({
      documents: [],
    });
  });

  it('is ignored on cross-site requests, and beside other credentials', async () => {
    for (const site of ['cross-site', 'same-site']) {
      expect((await read({ ...browser, 'sec-fetch-site': site })).status, site).toBe(404);
    }
    expect((await read({ ...browser, 'sec-fetch-site': 'none' })).status).toBe(200);
    expect((await read({ ...browser, ...scene.guest() })).status).toBe(404);
    const bad = await read({ ...browser, authorization: 'Bearer x.y.z' });
    expect(bad.code).toBe('invalidToken');
  });

  it('is not accepted as an access token, nor the other way round', async () => {
    const asAccess = await scene.ask({ authorization: `Bearer ${readToken}` }, 'GET', '/api/v1/me');
    expect(asAccess.code).toBe('invalidToken');
    const { authorization = '' } = await scene.account('bob');
    const cookie = `concord_read=${authorization.slice('Bearer '.length)}`;
    expect((await read({ cookie })).code).toBe('invalidToken');
  });

  it('is invalid at once when its session ends, and is then deleted', async () => {
    await scene.context.services.authSessions.end(sessionId);
    const answer = await read(browser);
    expect(answer.code).toBe('signedOut');
    const cookies = answer.headers.getSetCookie();
    expect(cookies.filter((line) => /^concord_read=; Max-Age=0/.test(line))).toHaveLength(2);
  });

  it('is set by sign-in and refresh, limited to reads, and deleted by sign-out', async () => {
    const api = await accountApi();
    const page = api.browser();
    const { accessToken } = await page.signUp('carl');
    page.accessToken = null;
    const refreshed = await page.refresh();
    const lines = refreshed.setCookies.filter((line) => line.startsWith('concord_read='));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(/; HttpOnly/);
      expect(line).toMatch(/; SameSite=Strict/);
      expect(Number(/Max-Age=(\d+)/.exec(line)?.[1])).toBeLessThanOrEqual(15 * 60);
      expect(line).not.toContain(accessToken);
    }
    expect(lines.map((line) => /Path=([^;]+)/.exec(line)?.[1])).toEqual([
      '/d',
      '/api/v1/documents',
    ]);
    expect(page.cookies.has('concord_read')).toBe(true);
    await page.send('DELETE', '/sessions/current', undefined, {
      'concord-attempt': 'a'.repeat(20),
    });
    expect(page.cookies.has('concord_read')).toBe(false);
  });

  it('has the __Secure- prefix on https', async () => {
    const api = await accountApi('open', { publicUrl: 'https://docs.example.org' });
    const page = api.browser();
    await page.signUp('dora');
    const line = (await page.refresh()).setCookies.find((each) => each.includes('_read='));
    expect(line).toMatch(/^__Secure-concord_read=.*; Secure/);
  });
});
