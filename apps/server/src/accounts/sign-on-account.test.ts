import type { SignUpMode } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { accountOfSignOn, userNameFrom } from './sign-on-account.ts';
import type { SignOnClaims } from './single-sign-on.ts';
import { accountScene } from './test-accounts.ts';

const GUEST_ID = 'f'.repeat(32);
const claims: SignOnClaims = {
  subject: 'https://id.example.org 4711',
  userName: 'Ann.Example',
  name: 'Ann Example',
  email: 'Ann@Example.org',
};

async function scene(mode: SignUpMode = 'open') {
  const accounts = await accountScene(mode);
  const { store, services } = accounts;
  const signOn = (
    changed: Partial<SignOnClaims> = {},
    asker: { guestId?: string; invitation?: string } = {},
  ) =>
    accountOfSignOn(
      store,
      services.signUps,
      { ...claims, ...changed },
      {
        guestId: asker.guestId ?? null,
        invitation: asker.invitation ?? null,
      },
    );
  return { ...accounts, signOn };
}

describe('a person who signs on through the provider', () => {
  it('gets an account the first time and the same one afterwards, even if name and email changed', async () => {
    const { store, signOn } = await scene();
    const first = await signOn({}, { guestId: GUEST_ID });
    expect(first).toMatchObject({
      isNew: true,
      account: {
        userId: GUEST_ID,
        userName: 'ann.example',
        email: 'ann@example.org',
        passwordHash: null,
      },
    });
    await expect(store.people.nameOf(GUEST_ID)).resolves.toBe('Ann Example');
    const again = await signOn({ userName: 'else', email: 'else@example.org' });
    expect(again).toMatchObject({ isNew: false, account: { userId: GUEST_ID } });
  });

  it('never gets the account that has the same email address, nor the address', async () => {
    const { store, signOn, addAccount } = await scene();
    const bob = await addAccount('bob');
    await store.accounts.change(bob, { email: 'ann@example.org' });
    const { account } = await signOn();
    expect(account.userId).not.toBe(bob);
    expect(account.email).toBeNull();
    await expect(store.accounts.get(bob)).resolves.toMatchObject({ subject: null });
  });

  it('gets another user name when the preferred one is taken, repeatedly', async () => {
    const { signOn, addAccount } = await scene();
    await addAccount('ann.example');
    const names = [];
    for (let n = 0; n < 12; n += 1) {
      const { account } = await signOn({ subject: `issuer ${n}`, email: null });
      names.push(account.userName);
    }
    expect(names.slice(0, 3)).toEqual(['ann.example-2', 'ann.example-3', 'ann.example-4']);
    expect(new Set(names).size).toBe(12);
  });

  it('gets a new user id when the guest signed up in the meantime', async () => {
    const { signOn, addAccount } = await scene();
    const taken = await addAccount('bob');
    const { account } = await signOn({}, { guestId: taken });
    expect(account.userId).toMatch(/^[0-9a-f]{32}$/);
    expect(account.userId).not.toBe(taken);
  });

  it('in two tabs concurrently gets one account', async () => {
    const { store, signOn } = await scene();
    const results = await Promise.all([signOn(), signOn()]);
    expect(results[0].account.userId).toBe(results[1].account.userId);
    await expect(store.accounts.list('', 10)).resolves.toHaveLength(1);
  });

  it('gets no new account where sign-up is closed or by invitation, but can use an existing one', async () => {
    const closed = await scene('closed');
    await expect(closed.signOn()).rejects.toMatchObject({ code: 'signUpClosed' });
    const known = await closed.addAccount('ann');
    await closed.store.accounts.change(known, { subject: claims.subject });
    await expect(closed.signOn()).resolves.toMatchObject({ account: { userId: known } });
    const invited = await scene('invitation');
    await expect(invited.signOn()).rejects.toMatchObject({ code: 'invitationNeeded' });
    await expect(invited.signOn({}, { invitation: 'forged' })).rejects.toMatchObject({
      code: 'invitationInvalid',
    });
  });
});

describe('the user name', () => {
  it.each([
    ['ann', 'ann'],
    ['Ann.Example@example.org', 'ann.example'],
    ['  Änne Müller ', 'anne-muller'],
    ['.hidden', 'hidden'],
    ['a/b\\c', 'a-b-c'],
    ['x'.repeat(100), 'x'.repeat(39)],
    ['李', 'person'],
    ['a', 'person'],
    ['', 'person'],
    ['__proto__', 'proto__'],
  ])('of %j is %s', (preferred, userName) => {
    expect(userNameFrom(preferred)).toBe(userName);
  });
});
