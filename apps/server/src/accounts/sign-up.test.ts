import { describe, expect, it } from 'vitest';
import { DuplicateAccountError } from '../store/ports/account-store.ts';
import { tokenHash } from './secrets.ts';
import { takenError, type NewAccount } from './sign-up.ts';
import { accountScene, type AccountScene } from './test-accounts.ts';

const GUEST_ID = 'e'.repeat(32);
const ann: NewAccount = {
  guestId: GUEST_ID,
  userName: 'ann',
  email: null,
  passwordHash: 'x',
  subject: null,
  name: null,
};
const HOUR = 3_600_000;

async function invite(
  { store }: AccountScene,
  token: string,
  options: { isAdmin?: boolean; expiresAt?: number } = {},
): Promise<void> {
  await store.invitations.create({
    id: `id of ${token}`,
    tokenHash: tokenHash(token),
    label: '',
    isAdmin: options.isAdmin ?? false,
    createdBy: 'id-of-inviter',
    createdAt: Date.now(),
    expiresAt: options.expiresAt ?? Date.now() + HOUR,
    usedBy: null,
  });
}

describe('sign-up', () => {
  it('keeps user id and name of the guest, whose cookie no longer proves an identity', async () => {
    const { store, live, services } = await accountScene();
    await store.people.setName(GUEST_ID, 'Ann of the Guests');
    const account = await services.signUps.create(ann, null);
    expect(account).toMatchObject({ userId: GUEST_ID, isAdmin: false });
    await expect(store.people.nameOf(GUEST_ID)).resolves.toBe('Ann of the Guests');
    expect(live.endedAll).toEqual([[GUEST_ID, null]]);
  });

  it('uses the given display name, or else the user name', async () => {
    const { store, services } = await accountScene();
    const named = await services.signUps.create({ ...ann, guestId: null, name: 'Ann A.' }, null);
    await expect(store.people.nameOf(named.userId)).resolves.toBe('Ann A.');
    const bob = { ...ann, guestId: null, userName: 'bob' };
    const unnamed = await services.signUps.create(bob, null);
    await expect(store.people.nameOf(unnamed.userId)).resolves.toBe('bob');
    expect(unnamed.userId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('that is closed admits only invited administrators', async () => {
    const scene = await accountScene('closed');
    const { signUps } = scene.services;
    await expect(signUps.admit(null)).rejects.toMatchObject({ code: 'signUpClosed' });
    await invite(scene, 'ordinary');
    await expect(signUps.admit('ordinary')).rejects.toMatchObject({ code: 'signUpClosed' });
    await invite(scene, 'admin', { isAdmin: true });
    const account = await signUps.create(ann, await signUps.admit('admin'));
    expect(account.isAdmin).toBe(true);
  });

  it('by invitation requires one, and uses it up', async () => {
    const scene = await accountScene('invitation');
    const { signUps } = scene.services;
    await expect(signUps.admit(null)).rejects.toMatchObject({ code: 'invitationNeeded' });
    await invite(scene, 'good');
    const invitation = await signUps.admit('good');
    await signUps.create(ann, invitation);
    await expect(signUps.admit('good')).rejects.toMatchObject({ code: 'invitationInvalid' });
    const bob = { ...ann, guestId: null, userName: 'bob' };
    await expect(signUps.create(bob, invitation)).rejects.toMatchObject({
      code: 'invitationInvalid',
    });
    await expect(scene.store.accounts.ofLogin('bob')).resolves.toBeNull();
  });

  it('refuses an expired or unknown invitation even where none is required', async () => {
    const scene = await accountScene('open');
    await invite(scene, 'old', { expiresAt: Date.now() - 1 });
    for (const token of ['old', 'unknown']) {
      await expect(scene.services.signUps.admit(token)).rejects.toMatchObject({
        code: 'invitationInvalid',
      });
    }
  });

  it('names the field that is already taken', async () => {
    const { services } = await accountScene();
    await services.signUps.create({ ...ann, email: 'ann@example.org' }, null);
    const fails = (account: Partial<NewAccount>) =>
      services.signUps
        .create({ ...ann, guestId: null, userName: 'other', ...account }, null)
        .catch(takenError);
    await expect(fails({ userName: 'ann' })).resolves.toMatchObject({ code: 'userNameTaken' });
    await expect(fails({ email: 'ann@example.org' })).resolves.toMatchObject({
      code: 'emailTaken',
    });
    await expect(fails({ guestId: GUEST_ID })).resolves.toMatchObject({
      code: 'signedUpAlready',
    });
    expect(takenError(new DuplicateAccountError('subject'))).toMatchObject({
      code: 'signedUpAlready',
    });
    const unrelated = new Error('the disk');
    expect(takenError(unrelated)).toBe(unrelated);
  });
});
