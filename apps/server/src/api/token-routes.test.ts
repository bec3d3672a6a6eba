import { describe, expect, it } from 'vitest';
import { PROOF_MS } from '../accounts/auth-sessions.ts';
import { nowhere } from '../accounts/test-accounts.ts';
import { accountApi, PASSWORD } from './test-browser.ts';

describe('API tokens', () => {
  it('are shown once, listed without the token, and stop working when deleted', async () => {
    const { browser, scene } = await accountApi();
    const page = browser();
    await page.signUp('ann');
    const made = await page.send('POST', '/tokens', {
      label: 'Backup',
      scopes: ['account', 'account', 'documents:read'],
    });
    expect(made).toMatchObject({
      status: 201,
      headers: { 'cache-control': 'no-store' },
      body: { label: 'Backup', scopes: ['account', 'documents:read'], expiresAt: null },
    });
    const id = String(made.body?.['id']);
    const token = String(made.body?.['token']);
    expect(token).toMatch(/^concord_[a-z2-7]{52}$/);
    expect(made.headers['location']).toBe(`/api/v1/tokens/${id}`);
    const program = browser();
    program.accessToken = token;
    const listed = await program.send('GET', '/tokens');
    expect(listed.body).toMatchObject({ tokens: [{ id, label: 'Backup' }] });
    expect(JSON.stringify(listed.body)).not.toContain(token);
    expect(await page.send('DELETE', `/tokens/${id}`)).toMatchObject({ status: 204 });
    expect(scene.live.endedIds).toEqual([id]);
    expect(await program.send('GET', '/tokens')).toMatchObject({
      status: 401,
      body: { code: 'invalidToken' },
    });
    expect(await page.send('DELETE', `/tokens/${id}`)).toMatchObject({ status: 404 });
  });

  it('never create tokens, change passwords or list sessions, whatever their scopes', async () => {
    const { browser } = await accountApi();
    const page = browser();
    await page.signUp('ann');
    const { body } = await page.send('POST', '/tokens', {
      label: 'All',
      scopes: ['documents:write', 'sharing', 'account'],
    });
    const program = browser();
    program.accessToken = String(body?.['token']);
    for (const [method, path, sent] of [
      ['POST', '/tokens', { label: 'More', scopes: ['account'] }],
      ['DELETE', `/tokens/${String(body?.['id'])}`, undefined],
      ['PUT', '/me/password', { next: 'another long one' }],
      ['DELETE', '/me', {}],
      ['GET', '/sessions', undefined],
      ['DELETE', '/sessions', undefined],
    ] as const) {
      expect(await program.send(method, path, sent)).toMatchObject({
        status: 403,
        body: { code: 'scopeNeeded' },
      });
    }
    expect(await program.send('GET', '/me')).toMatchObject({ status: 200 });
  });

  it('without the account scope cannot read the account', async () => {
    const { browser } = await accountApi();
    const page = browser();
    await page.signUp('ann');
    const { body } = await page.send('POST', '/tokens', {
      label: 'Reads',
      scopes: ['documents:read'],
    });
    page.accessToken = String(body?.['token']);
    for (const path of ['/me', '/tokens']) {
      expect(await page.send('GET', path)).toMatchObject({
        status: 403,
        headers: {
          'www-authenticate': 'Bearer error="insufficient_scope", scope="account"',
        },
      });
    }
  });

  it('require the password, unless it was entered recently and has not been changed since', async () => {
    const { browser, scene } = await accountApi();
    const page = browser();
    const { userId, sessionId } = await page.signUp('ann');
    const token = { label: 'Forgotten screen', scopes: ['documents:write'] };
    expect(await page.send('POST', '/tokens', token)).toMatchObject({ status: 201 });
    await scene.store.authSessions.proven(sessionId, Date.now() - PROOF_MS - 1);
    const needed = { status: 403, body: { code: 'passwordNeeded' } };
    expect(await page.send('POST', '/tokens', token)).toMatchObject(needed);
    const wrong = await page.send('POST', '/tokens', { ...token, password: 'not it' });
    expect(wrong).toMatchObject({ status: 403, body: { code: 'wrongPassword' } });
    expect(await page.send('POST', '/tokens', token)).toMatchObject(needed);
    const right = await page.send('POST', '/tokens', { ...token, password: PASSWORD });
    expect(right).toMatchObject({ status: 201 });
    expect(await page.send('POST', '/tokens', token)).toMatchObject({ status: 201 });
    const change = { current: PASSWORD, next: 'entirely other words' };
    expect(await page.send('PUT', '/me/password', change)).toMatchObject({ status: 204 });
    expect(await page.send('POST', '/tokens', token)).toMatchObject(needed);
    expect(await scene.store.apiTokens.listOf(userId)).toEqual([]);
  });

  it('of an account without a password require a recent sign-in, and accept no invented password', async () => {
    const { browser, scene } = await accountApi();
    const userId = await scene.addAccount('ann');
    const { signedIn } = await scene.services.authSessions.start(userId, nowhere);
    const page = browser();
    page.accessToken = signedIn.accessToken;
    const token = { label: 'x', scopes: ['account'] };
    expect(await page.send('POST', '/tokens', token)).toMatchObject({ status: 201 });
    await scene.store.authSessions.proven(signedIn.sessionId, 0);
    for (const body of [token, { ...token, password: 'invented' }]) {
      const answer = await page.send('POST', '/tokens', body);
      expect(answer).toMatchObject({ status: 403, body: { code: 'signInAgain' } });
    }
    // An unattended session can neither set a first password nor delete the account.
    for (const [method, path, body] of [
      ['PUT', '/me/password', { next: 'words of a stranger' }],
      ['DELETE', '/me', {}],
    ] as const) {
      const answer = await page.send(method, path, body);
      expect(answer).toMatchObject({ status: 403, body: { code: 'signInAgain' } });
    }
  });

  it('end with their connections when the password changes', async () => {
    const { browser, scene } = await accountApi();
    const [page, program] = [browser(), browser()];
    const { userId, sessionId } = await page.signUp('ann');
    const made = await page.send('POST', '/tokens', { label: 'x', scopes: ['account'] });
    program.accessToken = String(made.body?.['token']);
    expect(await program.send('GET', '/me')).toMatchObject({ status: 200 });
    const change = { current: PASSWORD, next: 'entirely other words' };
    expect(await page.send('PUT', '/me/password', change)).toMatchObject({ status: 204 });
    expect(await program.send('GET', '/me')).toMatchObject({ status: 401 });
    expect(scene.live.endedAll).toContainEqual([userId, sessionId]);
    expect(await page.send('GET', '/me')).toMatchObject({ status: 200 });
  });

  it('belong to one person, expire in the future, and are bounded in number', async () => {
    const { browser } = await accountApi();
    const [ann, bob] = [browser(), browser()];
    await ann.signUp('ann');
    await bob.signUp('bob');
    const token = { label: 'x', scopes: ['account'] };
    const { body } = await ann.send('POST', '/tokens', token);
    expect(await bob.send('DELETE', `/tokens/${String(body?.['id'])}`)).toMatchObject({
      status: 404,
    });
    expect(await ann.send('POST', '/tokens', { ...token, expiresAt: 1_000 })).toMatchObject({
      status: 400,
    });
    for (let n = 1; n < 100; n += 1) await ann.send('POST', '/tokens', token);
    expect(await ann.send('POST', '/tokens', token)).toMatchObject({
      status: 409,
      body: { code: 'tooManyTokens' },
    });
  });
});
