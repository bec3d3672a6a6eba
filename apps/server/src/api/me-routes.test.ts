import { randomDocumentId } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { accountApi, PASSWORD } from './test-browser.ts';
import { emptyDocument } from '../store/test-batches.ts';

const guestOf = (cookie: string): string | undefined => /^concord_guest=[^;]+/.exec(cookie)?.[0];

describe('the identity of the caller', () => {
  it('is a new guest at first, and the same guest afterwards', async () => {
    const { browser } = await accountApi();
    const page = browser();
    const first = await page.send('GET', '/me');
    expect(first).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: { kind: 'guest', userName: null, signUp: 'open', singleSignOn: null, mayCreate: true },
    });
    expect(first.setCookies[0]).toMatch(/^concord_guest=.*HttpOnly.*SameSite=Lax/);
    const again = await page.send('GET', '/me');
    expect(again.body).toEqual(first.body);
    // Its expiry is renewed, a year from now.
    expect(again.setCookies.map(guestOf)).toEqual(first.setCookies.map(guestOf));
  });

  it('is marked as new until the browser sends the guest cookie', async () => {
    const { browser } = await accountApi();
    const page = browser();
    expect((await page.send('GET', '/me')).headers['concord-guest']).toBe('new');
    expect((await page.send('GET', '/me')).headers['concord-guest']).toBeUndefined();
    page.cookies.clear();
    expect((await page.send('GET', '/me')).headers['concord-guest']).toBe('new');
  });

  it('is one new guest, not another each time, with a cookie that an account took over', async () => {
    const { browser } = await accountApi();
    const [page, other] = [browser(), browser()];
    await page.send('GET', '/me');
    const taken = page.cookies.get('concord_guest') ?? '';
    await page.signUp('ann');
    other.cookies.set('concord_guest', taken);
    const first = await other.send('GET', '/me');
    expect(first.headers['concord-guest']).toBe('new');
    expect(other.cookies.get('concord_guest')).not.toBe(taken);
    expect((await other.send('GET', '/me')).body).toEqual(first.body);
  });

  it('includes whether guests may create documents', async () => {
    const { browser } = await accountApi('open', { guestsMayCreate: false });
    const page = browser();
    expect((await page.send('GET', '/me')).body).toMatchObject({ mayCreate: false });
    await page.signUp('ann');
    expect((await page.send('GET', '/me')).body).toMatchObject({ mayCreate: true });
  });

  it('is refused with an invalid token, and not the guest of the cookie instead', async () => {
    const { browser } = await accountApi();
    const page = browser();
    await page.send('GET', '/me');
    page.accessToken = 'x.y.z';
    expect(await page.send('GET', '/me')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      body: { code: 'invalidToken' },
    });
  });

  it('ignores the Basic credentials of a proxy in front', async () => {
    const { browser } = await accountApi();
    const headers = { authorization: 'Basic YTpi' };
    expect(await browser().send('GET', '/me', undefined, headers)).toMatchObject({
      status: 200,
      body: { kind: 'guest' },
    });
  });

  it('can change its name, as a guest and as an account', async () => {
    const { browser } = await accountApi();
    const page = browser();
    const renamed = await page.send('PATCH', '/me', { name: '  Ann  ' });
    expect(renamed).toMatchObject({ status: 200, body: { name: 'Ann', kind: 'guest' } });
    await page.signUp('ann');
    expect((await page.send('GET', '/me')).body).toMatchObject({ name: 'Ann' });
    const again = await page.send('PATCH', '/me', { name: 'Ann B.' });
    expect(again.body).toMatchObject({ name: 'Ann B.', kind: 'account' });
  });

  it('has an email address only as an account, and never one that another account has', async () => {
    const { browser } = await accountApi();
    const [ann, bob] = [browser(), browser()];
    expect(await ann.send('PATCH', '/me', { email: 'ann@example.org' })).toMatchObject({
      status: 401,
      body: { code: 'signInNeeded' },
    });
    await ann.signUp('ann', { email: 'ann@example.org' });
    await bob.signUp('bob');
    expect(await bob.send('PATCH', '/me', { email: 'ANN@example.org' })).toMatchObject({
      status: 409,
      body: { code: 'emailTaken' },
    });
    expect(await ann.send('PATCH', '/me', { email: null })).toMatchObject({
      body: { email: null },
    });
    expect(await bob.send('PATCH', '/me', { email: 'ann@example.org' })).toMatchObject({
      body: { email: 'ann@example.org' },
    });
  });
});

describe('the password', () => {
  it('is changed with the old one, which ends all other sessions', async () => {
    const { browser } = await accountApi();
    const [here, there] = [browser(), browser()];
    await here.signUp('ann');
    await there.signIn('ann');
    const next = 'another long one';
    expect(await here.send('PUT', '/me/password', { current: 'wrong', next })).toMatchObject({
      status: 403,
      body: { code: 'wrongPassword' },
    });
    expect(await here.send('PUT', '/me/password', { next })).toMatchObject({ status: 403 });
    expect(await there.send('GET', '/me')).toMatchObject({ status: 200 });
    expect(await here.send('PUT', '/me/password', { current: PASSWORD, next })).toMatchObject({
      status: 204,
      body: null,
    });
    expect(await here.send('GET', '/me')).toMatchObject({ status: 200 });
    expect(await there.send('GET', '/me')).toMatchObject({ status: 401 });
    expect(await there.refresh()).toMatchObject({ status: 401 });
    await expect(there.signIn('ann')).rejects.toThrow('wrongLogin');
    await there.signIn('ann', next);
  });

  it('cannot be guessed from an unattended session', async () => {
    const { browser } = await accountApi();
    const page = browser();
    await page.signUp('ann');
    const guess = { current: 'wrong', next: 'another long one' };
    for (let n = 0; n < 10; n += 1) {
      expect(await page.send('PUT', '/me/password', guess)).toMatchObject({ status: 403 });
    }
    expect(await page.send('PUT', '/me/password', guess)).toMatchObject({ status: 429 });
    expect(await page.send('DELETE', '/me', { password: PASSWORD })).toMatchObject({
      status: 429,
    });
  });

  it('can be set for an account that has none', async () => {
    const { browser, scene } = await accountApi();
    const userId = await scene.addAccount('ann');
    const page = browser();
    const { signedIn } = await scene.services.authSessions.start(userId, {
      userAgent: '',
      address: '',
    });
    page.accessToken = signedIn.accessToken;
    expect((await page.send('GET', '/me')).body).toMatchObject({ hasPassword: false });
    expect(await page.send('PUT', '/me/password', { next: PASSWORD })).toMatchObject({
      status: 204,
    });
    await browser().signIn('ann');
  });
});

describe('an account', () => {
  it('is deleted with its documents, also those that are open', async () => {
    const { browser, context } = await accountApi();
    const { store, documents } = context;
    const page = browser();
    const { userId } = await page.signUp('ann');
    const id = randomDocumentId();
    const record = { id, title: '', createdBy: userId, createdAt: 1, updatedAt: 1 };
    await store.documents.createWithText(emptyDocument(record, 'editor'));
    expect(await documents.open(id)).not.toBeNull();
    expect(await page.send('DELETE', '/me', { password: PASSWORD })).toMatchObject({ status: 204 });
    expect(documents.running(id)).toBeUndefined();
    expect(await documents.open(id)).toBeNull();
  });

  it('is anonymous once deleted, also with the cookie of the guest it was created from', async () => {
    const { browser } = await accountApi();
    const page = browser();
    const before = await page.send('GET', '/me');
    const kept = page.cookies.get('concord_guest') ?? '';
    const { userId } = await page.signUp('ann');
    expect(userId).toBe(before.body?.['userId']);
    expect(await page.send('DELETE', '/me', { password: PASSWORD })).toMatchObject({ status: 204 });
    const later = browser();
    later.cookies.set('concord_guest', kept);
    const answer = await later.send('GET', '/me');
    expect(answer.body).toMatchObject({ kind: 'guest' });
    expect(answer.body?.['userId']).not.toBe(userId);
  });

  it('is deleted with its password, and none of its credentials work any more', async () => {
    const { browser } = await accountApi();
    const page = browser();
    await page.signUp('ann');
    const { body } = await page.send('POST', '/tokens', { label: 'x', scopes: ['account'] });
    expect(await page.send('DELETE', '/me', { password: 'wrong' })).toMatchObject({ status: 403 });
    const answer = await page.send('DELETE', '/me', { password: PASSWORD });
    expect(answer.status).toBe(204);
    expect(page.cookies.has('concord_refresh')).toBe(false);
    expect(await page.send('GET', '/me')).toMatchObject({ status: 401 });
    page.accessToken = String(body?.['token']);
    expect(await page.send('GET', '/me')).toMatchObject({ status: 401 });
    await expect(browser().signIn('ann')).rejects.toThrow('wrongLogin');
  });
});
