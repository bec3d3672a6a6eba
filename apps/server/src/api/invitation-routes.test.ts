import { describe, expect, it } from 'vitest';
import { accountApi, PASSWORD } from './test-browser.ts';

describe('invitations', () => {
  it('admit one person each, and name who used them', async () => {
    const { browser, admin } = await accountApi();
    const root = await admin();
    const invitation = await root.invite({ label: 'For Ann' });
    const before = await root.send('GET', '/invitations');
    expect(before.body).toMatchObject({ invitations: [{ label: 'For Ann', usedBy: null }] });
    expect(JSON.stringify(before.body)).not.toContain(invitation);
    await browser().signUp('ann', { invitation });
    expect((await root.send('GET', '/invitations')).body).toMatchObject({
      invitations: [{ label: 'For Ann', usedBy: 'ann' }],
    });
    const again = { userName: 'bob', password: PASSWORD, invitation };
    expect(await browser().send('POST', '/accounts', again)).toMatchObject({ status: 403 });
  });

  it('that were withdrawn admit no one', async () => {
    const { browser, admin } = await accountApi();
    const root = await admin();
    const invitation = await root.invite();
    const { body } = await root.send('GET', '/invitations');
    const [{ id } = { id: '' }] = body?.['invitations'] as { id: string }[];
    expect(await root.send('DELETE', `/invitations/${id}`)).toMatchObject({ status: 204 });
    expect(await root.send('DELETE', `/invitations/${id}`)).toMatchObject({ status: 404 });
    const body2 = { userName: 'ann', password: PASSWORD, invitation };
    expect(await browser().send('POST', '/accounts', body2)).toMatchObject({
      status: 403,
      body: { code: 'invitationInvalid' },
    });
  });

  it('for an administrator create an administrator account', async () => {
    const { browser, admin } = await accountApi();
    const invitation = await (await admin()).invite({ isAdmin: true });
    const page = browser();
    await page.signUp('ann', { invitation });
    expect(await page.send('GET', '/accounts')).toMatchObject({ status: 200 });
  });
});
