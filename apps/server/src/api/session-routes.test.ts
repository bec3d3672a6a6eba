import { ATTEMPT_HEADER, randomId } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { accountApi, PASSWORD } from './test-browser.ts';

describe('sign-in', () => {
  it('accepts user name or email address, case-insensitively', async () => {
    const { browser } = await accountApi();
    const { userId } = await browser().signUp('ann', { email: 'ann@example.org' });
    for (const login of ['ann', 'ANN', 'Ann@Example.org']) {
      await expect(browser().signIn(login)).resolves.toMatchObject({ userId });
    }
  });

  it('ends the former session of the browser, and no other', async () => {
    const { browser } = await accountApi();
    const [page, elsewhere] = [browser(), browser()];
    await page.signUp('ann');
    const former = page.accessToken;
    await elsewhere.signIn('ann');
    const { sessionId } = await page.signIn('ann');
    const { body } = await page.send('GET', '/sessions');
    const sessions = body?.['sessions'] as { id: string }[];
    expect(sessions).toHaveLength(2);
    expect(sessions.map(({ id }) => id)).toContain(sessionId);
    page.accessToken = former;
    expect(await page.send('GET', '/me')).toMatchObject({ status: 401 });
  });

  it('sets the refresh token as an HttpOnly, same-site cookie', async () => {
    const { browser } = await accountApi();
    await browser().signUp('ann');
    const body = { login: 'ann', password: PASSWORD };
    const plain = await browser().send('POST', '/sessions', body);
    expect(plain.setCookies[0]).toMatch(/^concord_refresh=/);
    const attributes = plain.setCookies[0]?.split('; ').slice(1);
    expect(attributes).toEqual(
      expect.arrayContaining(['Path=/api/v1/sessions', 'HttpOnly', 'SameSite=Strict']),
    );
    expect(attributes).not.toContain('Secure');
    const headers = { origin: 'https://docs.example.org' };
    const secure = await browser().send('POST', '/sessions', body, headers);
    expect(secure.setCookies[0]?.split('; ')).toContain('Secure');
    const { context, browser: atHome } = await accountApi('open', {
      publicUrl: 'https://docs.example.org',
    });
    expect(context.config.publicUrl).not.toBeNull();
    const answer = await atHome().send('GET', '/me');
    expect(answer.setCookies[0]?.split('; ')).toContain('Secure');
  });

  it('gives the same answer to a wrong password, an unknown login and an account without a password', async () => {
    const { browser, scene } = await accountApi();
    await browser().signUp('ann', { email: 'ann@example.org' });
    await scene.addAccount('sso');
    const answers = [];
    for (const login of ['ann', 'ann@example.org', 'unknown', 'unknown@example.org', 'sso']) {
      const { status, headers, body } = await browser().send('POST', '/sessions', {
        login,
        password: 'not the password',
      });
      answers.push({ status, body, headers: Object.keys(headers).sort() });
    }
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'wrongLogin' } });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('verifies a password for each login, known or not', async () => {
    let work = 0;
    const { browser, context } = await accountApi();
    const { passwords } = context.services;
    const verify = passwords.verify.bind(passwords);
    passwords.verify = (passwordHash, password) => {
      work += 1;
      return verify(passwordHash, password);
    };
    await browser().signUp('ann');
    for (const login of ['ann', 'unknown']) {
      await browser().send('POST', '/sessions', { login, password: 'wrong' });
    }
    expect(work).toBe(2);
  });

  it('admits the person from other addresses and on a known device during a guessing attack', async () => {
    const { browser } = await accountApi();
    await browser().signUp('ann');
    const known = browser('192.0.2.9');
    await known.signIn('ann');
    known.cookies.delete('concord_refresh');
    expect(known.cookies.has('concord_device')).toBe(true);
    const wrong = { login: 'ann', password: 'wrong' };
    // From six addresses, one of them the person's own.
    for (let address = 4; address < 10; address += 1) {
      const attacker = browser(`192.0.2.${address}`);
      for (let n = 0; n < 10; n += 1) await attacker.send('POST', '/sessions', wrong);
    }
    await browser('198.51.100.1').signIn('ann');
    for (let n = 0; n < 12; n += 1) {
      await browser('192.0.2.9').send('POST', '/sessions', wrong);
    }
    const other = await browser('192.0.2.9').send('POST', '/sessions', {
      login: 'ann',
      password: PASSWORD,
    });
    expect(other.status).toBe(429);
    await known.signIn('ann');
  });

  it('rate-limits guessing, with the same answer for known and unknown logins', async () => {
    const { browser } = await accountApi();
    await browser().signUp('ann');
    const last: unknown[] = [];
    for (const login of ['ann', 'unknown']) {
      for (let n = 0; n < 10; n += 1) {
        const answer = await browser().send('POST', '/sessions', { login, password: 'wrong' });
        expect(answer.status).toBe(401);
      }
      // The right password is refused too; otherwise guessing would only be slowed down.
      const { status, body } = await browser().send('POST', '/sessions', {
        login,
        password: PASSWORD,
      });
      last.push({ status, body });
    }
    expect(last[0]).toMatchObject({ status: 429, body: { code: 'tooManyAttempts' } });
    expect(last[1]).toEqual(last[0]);
    await browser('192.0.2.77').signIn('ann');
  });
});

describe('refresh', () => {
  it('issues a new access token and a new refresh token', async () => {
    const { browser } = await accountApi();
    const page = browser();
    const { userId, sessionId } = await page.signUp('ann');
    const before = page.cookies.get('concord_refresh');
    const answer = await page.refresh();
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: { userId, sessionId },
    });
    expect(page.cookies.get('concord_refresh')).not.toBe(before);
    expect(await page.send('GET', '/me')).toMatchObject({ body: { kind: 'account' } });
  });

  it('is refused without the custom header that other sites cannot send, and changes nothing', async () => {
    const { browser } = await accountApi();
    const page = browser();
    await page.signUp('ann');
    page.accessToken = null;
    for (const headers of [{}, { [ATTEMPT_HEADER]: '' }, { [ATTEMPT_HEADER]: 'short' }]) {
      const answer = await page.send('POST', '/sessions/refresh', undefined, headers);
      expect(answer).toMatchObject({ status: 403, body: { code: 'attemptNeeded' } });
      expect(answer.setCookies).toEqual([]);
    }
    expect(await page.refresh()).toMatchObject({ status: 200 });
  });

  it('is refused without a cookie, and with one that was never issued', async () => {
    const { browser } = await accountApi();
    const page = browser();
    expect(await page.refresh()).toMatchObject({ status: 401, body: { code: 'signedOut' } });
    for (const token of ['x', `${randomId()}.${'a'.repeat(52)}`]) {
      page.cookies.set('concord_refresh', token);
      expect(await page.refresh()).toMatchObject({ status: 401, body: { code: 'signedOut' } });
    }
  });
});

describe('sign-out', () => {
  it('requires the custom header, ends the session at once, and clears the cookie', async () => {
    const { browser, scene } = await accountApi();
    const page = browser();
    const { sessionId } = await page.signUp('ann');
    expect(await page.send('DELETE', '/sessions/current')).toMatchObject({ status: 403 });
    const headers = { [ATTEMPT_HEADER]: randomId() };
    const answer = await page.send('DELETE', '/sessions/current', undefined, headers);
    expect(answer.status).toBe(204);
    expect(page.cookies.has('concord_refresh')).toBe(false);
    expect(scene.live.endedIds).toEqual([sessionId]);
    expect(await page.send('GET', '/me')).toMatchObject({ status: 401 });
    // Idempotent: a repeated sign-out succeeds.
    page.accessToken = null;
    expect(await page.send('DELETE', '/sessions/current', undefined, headers)).toMatchObject({
      status: 204,
    });
  });

  it('of a program without cookies uses its access token', async () => {
    const { browser } = await accountApi();
    const program = browser();
    await program.signUp('ann');
    program.cookies.clear();
    const headers = { [ATTEMPT_HEADER]: randomId() };
    await program.send('DELETE', '/sessions/current', undefined, headers);
    expect(await program.send('GET', '/me')).toMatchObject({ status: 401 });
  });

  it('can end one other session, or all others, of the account', async () => {
    const { browser } = await accountApi();
    const [here, phone, desk, other] = [browser(), browser('192.0.2.9'), browser(), browser()];
    const { sessionId } = await here.signUp('ann');
    const onPhone = await phone.signIn('ann');
    await desk.signIn('ann');
    const strange = await other.signUp('bob');
    const { body } = await here.send('GET', '/sessions');
    const sessions = body?.['sessions'] as { id: string; isCurrent: boolean; address: string }[];
    expect(sessions).toHaveLength(3);
    expect(sessions.filter(({ isCurrent }) => isCurrent).map(({ id }) => id)).toEqual([sessionId]);
    expect(sessions.find(({ id }) => id === onPhone.sessionId)?.address).toBe('192.0.2.9');
    expect(await here.send('DELETE', `/sessions/${strange.sessionId}`)).toMatchObject({
      status: 404,
    });
    expect(await here.send('DELETE', `/sessions/${onPhone.sessionId}`)).toMatchObject({
      status: 204,
    });
    expect(await phone.send('GET', '/me')).toMatchObject({ status: 401 });
    expect(await desk.send('GET', '/me')).toMatchObject({ status: 200 });
    expect(await here.send('DELETE', '/sessions')).toMatchObject({ status: 204 });
    expect(await desk.send('GET', '/me')).toMatchObject({ status: 401 });
    expect(await here.send('GET', '/me')).toMatchObject({ status: 200 });
    expect(await other.send('GET', '/me')).toMatchObject({ status: 200 });
  });
});

describe('on https', () => {
  const secure = { publicUrl: 'https://docs.example.org' };
  const proofs = ['concord_refresh', 'concord_device'];

  it('credential cookies have the __Secure- prefix and a narrow path', async () => {
    const { browser } = await accountApi('open', secure);
    const page = browser();
    await page.signUp('ann');
    const { setCookies } = await page.send('POST', '/sessions', { login: 'ann', password: PASSWORD }); // prettier-ignore
    for (const name of proofs) {
      const [line = '', former = ''] = setCookies.filter((each) => each.includes(`${name}=`));
      expect(line).toMatch(new RegExp(`^__Secure-${name}=[^;]+;`));
      expect(line.split('; ')).toEqual(expect.arrayContaining(['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/api/v1/sessions'])); // prettier-ignore
      expect(former).toMatch(new RegExp(`^${name}=; Max-Age=0; Path=/api/v1/sessions;`));
    }
    await page.send('DELETE', '/sessions/current', undefined, { [ATTEMPT_HEADER]: randomId() });
    expect([...page.cookies.keys()].filter((name) => name.endsWith('concord_refresh'))).toEqual([]);
  });

  it('cookies under the former names are accepted once, and replaced by those under the new names', async () => {
    const { browser } = await accountApi('open', secure);
    const page = browser();
    await page.signUp('ann');
    await page.signIn('ann');
    const values = proofs.map((name) => page.cookies.get(`__Secure-${name}`) ?? '');
    page.cookies.clear();
    proofs.forEach((name, i) => page.cookies.set(name, values[i] ?? ''));
    expect(await page.refresh()).toMatchObject({ status: 200 });
    expect(page.cookies.has('concord_refresh')).toBe(false);
    expect(await page.refresh()).toMatchObject({ status: 200 });
    // The device is known: failed attempts from its address do not block it.
    const wrong = { login: 'ann', password: 'wrong' };
    for (let n = 0; n < 12; n += 1) await browser().send('POST', '/sessions', wrong);
    await page.signIn('ann');
    expect(page.cookies.has('concord_device')).toBe(false);
    const [id] = (page.cookies.get('__Secure-concord_device') ?? '').split('.');
    expect(id).toBe(values[1]?.split('.')[0]);
  });

  it('a cookie under the former name is ignored beside one under the new name', async () => {
    const { browser } = await accountApi('open', secure);
    const [page, attacker] = [browser(), browser()];
    const { userId } = await page.signUp('ann');
    await attacker.signUp('mallory');
    page.cookies.set('concord_refresh', attacker.cookies.get('__Secure-concord_refresh') ?? '');
    const refreshed = await page.refresh();
    expect(refreshed.body?.['userId']).toBe(userId);
  });
});
