import { describe, expect, it } from 'vitest';
import { inviteFirstAdmin } from '../accounts/first-start.ts';
import { accountApi, PASSWORD } from './test-browser.ts';

it('accounts of one address are bounded, unless they are by invitation', async () => {
  const { admin, browser, scene } = await accountApi();
  const administrator = await admin();
  for (let n = 1; n < 100; n += 1) await scene.services.attempts.begin('registration', { address: '192.0.2.1' }); // prettier-ignore
  const sign = (userName: string, more: object = {}) =>
    browser().send('POST', '/accounts', { userName, password: PASSWORD, ...more });
  expect(await sign('one-more')).toMatchObject({ status: 429, body: { code: 'tooManyAttempts' } });
  const invitation = await administrator.invite();
  expect(await sign('invited', { invitation })).toMatchObject({ status: 201 });
  const elsewhere = browser('192.0.2.2');
  await elsewhere.signUp('elsewhere');
});

describe('sign-up', () => {
  it('makes an account of the guest, signs it in, and gives the browser another guest', async () => {
    const { browser } = await accountApi();
    const page = browser();
    const guest = await page.send('GET', '/me');
    const guestCookie = page.cookies.get('concord_guest');
    const answer = await page.send('POST', '/accounts', {
      userName: 'Ann',
      email: 'Ann@Example.org',
      password: PASSWORD,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      location: '/api/v1/me',
    });
    expect(answer.body?.['userId']).toBe(guest.body?.['userId']);
    expect(page.cookies.get('concord_guest')).not.toBe(guestCookie);
    page.accessToken = String(answer.body?.['accessToken']);
    expect((await page.send('GET', '/me')).body).toMatchObject({
      kind: 'account',
      userId: guest.body?.['userId'],
      userName: 'ann',
      email: 'ann@example.org',
      name: 'ann',
      isAdmin: false,
      hasPassword: true,
    });
  });

  it('leaves the cookie of the guest worthless', async () => {
    const { browser } = await accountApi();
    const page = browser();
    const before = await page.send('GET', '/me');
    const stolen = page.cookies.get('concord_guest') ?? '';
    await page.signUp('ann');
    const thief = browser();
    thief.cookies.set('concord_guest', stolen);
    const answer = await thief.send('GET', '/me');
    expect(answer.body).toMatchObject({ kind: 'guest' });
    expect(answer.body?.['userId']).not.toBe(before.body?.['userId']);
  });

  it('says which user name is taken, and nothing about passwords', async () => {
    const { browser } = await accountApi();
    await browser().signUp('ann');
    const answer = await browser().send('POST', '/accounts', {
      userName: 'ann',
      password: PASSWORD,
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'userNameTaken' } });
    expect(answer.setCookies).toEqual([]);
  });

  it('is limited per address', async () => {
    const { browser } = await accountApi('closed');
    const body = { userName: 'ann', password: PASSWORD };
    for (let n = 0; n < 100; n += 1) {
      expect(await browser().send('POST', '/accounts', body)).toMatchObject({ status: 403 });
    }
    const answer = await browser().send('POST', '/accounts', body);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(await browser('192.0.2.2').send('POST', '/accounts', body)).toMatchObject({
      status: 403,
    });
  });

  it('that is closed still makes the first administrator, once', async () => {
    const { browser, scene } = await accountApi('closed');
    const invitation = (await inviteFirstAdmin(scene.store))?.split('#')[1] ?? '';
    const page = browser();
    await page.signUp('root', { invitation });
    expect((await page.send('GET', '/me')).body).toMatchObject({ isAdmin: true });
    const again = { userName: 'other', password: PASSWORD, invitation };
    expect(await browser().send('POST', '/accounts', again)).toMatchObject({
      status: 403,
      body: { code: 'invitationInvalid' },
    });
  });

  it('is refused to those who are signed in', async () => {
    const { browser } = await accountApi();
    const page = browser();
    await page.signUp('ann');
    const answer = await page.send('POST', '/accounts', { userName: 'bob', password: PASSWORD });
    expect(answer).toMatchObject({ status: 409, body: { code: 'signedUpAlready' } });
  });
});

describe('administration', () => {
  it('is of administrators alone', async () => {
    const { browser, admin } = await accountApi();
    const [ann, root, guest] = [browser(), await admin(), browser()];
    const { userId } = await ann.signUp('ann');
    for (const [method, path, body] of [
      ['GET', '/accounts', undefined],
      ['PATCH', `/accounts/${userId}`, { isDisabled: false }],
      ['GET', '/invitations', undefined],
      ['POST', '/invitations', {}],
      ['DELETE', '/invitations/x', undefined],
    ] as const) {
      expect(await guest.send(method, path, body)).toMatchObject({ status: 401 });
      expect(await ann.send(method, path, body)).toMatchObject({ status: 403 });
      expect((await root.send(method, path, body)).status).not.toBe(403);
    }
  });

  it('is not done by API tokens, not even of administrators', async () => {
    const { admin } = await accountApi();
    const root = await admin();
    const { body } = await root.send('POST', '/tokens', {
      label: 'All',
      scopes: ['documents:write', 'sharing', 'account'],
    });
    root.accessToken = String(body?.['token']);
    expect(await root.send('GET', '/accounts')).toMatchObject({
      status: 403,
      body: { code: 'scopeNeeded' },
    });
  });

  it('lists all accounts, page by page', async () => {
    const { admin, scene } = await accountApi();
    const root = await admin();
    for (const userName of ['ann', 'bob', 'cid']) await scene.addAccount(userName);
    const names: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null && pages < 5; pages += 1) {
      const path = `/accounts?limit=2&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await root.send('GET', path);
      const { accounts, nextCursor } = body as {
        accounts: { userName: string }[];
        nextCursor: string | null;
      };
      names.push(...accounts.map(({ userName }) => userName));
      cursor = nextCursor;
    }
    expect(names).toEqual(['admin', 'ann', 'bob', 'cid']);
  });

  it('disables an account at once: signed out, and no way in', async () => {
    const { browser, admin } = await accountApi();
    const [ann, root] = [browser(), await admin()];
    const { userId } = await ann.signUp('ann');
    expect(await ann.send('GET', '/me')).toMatchObject({ status: 200 });
    const answer = await root.send('PATCH', `/accounts/${userId}`, { isDisabled: true });
    expect(answer).toMatchObject({ status: 200, body: { isDisabled: true, userName: 'ann' } });
    expect(await ann.send('GET', '/me')).toMatchObject({
      status: 401,
      body: { code: 'signedOut' },
    });
    expect(await ann.refresh()).toMatchObject({ status: 401 });
    expect(
      await browser().send('POST', '/sessions', { login: 'ann', password: PASSWORD }),
    ).toMatchObject({ status: 401, body: { code: 'wrongLogin' } });
    await root.send('PATCH', `/accounts/${userId}`, { isDisabled: false });
    await browser().signIn('ann');
  });

  it('sets a new password for a person who forgot theirs', async () => {
    const { browser, admin } = await accountApi();
    const [ann, root] = [browser(), await admin()];
    const { userId } = await ann.signUp('ann');
    await root.send('PATCH', `/accounts/${userId}`, { password: 'another long one' });
    expect(await ann.send('GET', '/me')).toMatchObject({ status: 401 });
    await browser().signIn('ann', 'another long one');
  });

  it('keeps its last administrator', async () => {
    const { admin, scene } = await accountApi();
    const root = await admin();
    const { body } = await root.send('GET', '/me');
    const path = `/accounts/${String(body?.['userId'])}`;
    for (const change of [{ isAdmin: false }, { isDisabled: true }]) {
      expect(await root.send('PATCH', path, change)).toMatchObject({
        status: 409,
        body: { code: 'lastAdmin' },
      });
    }
    expect(await root.send('DELETE', '/me', { password: PASSWORD })).toMatchObject({
      status: 409,
    });
    const ann = await scene.addAccount('ann');
    await root.send('PATCH', `/accounts/${ann}`, { isAdmin: true });
    expect(await root.send('PATCH', path, { isAdmin: false })).toMatchObject({ status: 200 });
    expect(await root.send('GET', '/accounts')).toMatchObject({ status: 403 });
  });

  it('does not find who is not there', async () => {
    const { admin } = await accountApi();
    const root = await admin();
    expect(await root.send('PATCH', `/accounts/${'0'.repeat(32)}`, {})).toMatchObject({
      status: 404,
    });
  });
});
