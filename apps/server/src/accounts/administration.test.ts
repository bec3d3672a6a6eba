import { expect, it } from 'vitest';
import { accountScene, nowhere } from './test-accounts.ts';

it('the last administrator cannot be demoted, disabled or deleted', async () => {
  const { store, services, addAccount } = await accountScene();
  const { administration } = services;
  const ann = await addAccount('ann', { isAdmin: true });
  const bob = await addAccount('bob', { isAdmin: true });
  await administration.change(bob, { disabledAt: 1_000 });
  const refused = { code: 'lastAdmin' };
  await expect(administration.change(ann, { isAdmin: false })).rejects.toMatchObject(refused);
  await expect(administration.change(ann, { disabledAt: 1_000 })).rejects.toMatchObject(refused);
  await expect(administration.remove(ann)).rejects.toMatchObject(refused);
  await expect(store.accounts.get(ann)).resolves.toMatchObject({ isAdmin: true, disabledAt: null });
  // Disabled administrators do not count, and are changed freely.
  await administration.change(bob, { isAdmin: false });
  await administration.remove(bob);
});

it('of two administrators who demote each other concurrently only one succeeds', async () => {
  const { store, services, addAccount } = await accountScene();
  const ann = await addAccount('ann', { isAdmin: true });
  const bob = await addAccount('bob', { isAdmin: true });
  const results = await Promise.allSettled([
    services.administration.change(ann, { isAdmin: false }),
    services.administration.change(bob, { isAdmin: false }),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await expect(store.accounts.adminCount()).resolves.toBe(1);
});

it('disabling an account ends its sessions and connections at once', async () => {
  const { live, services, addAccount } = await accountScene();
  const { authenticator, authSessions, administration } = services;
  const ann = await addAccount('ann');
  const { signedIn } = await authSessions.start(ann, nowhere);
  const credentials = { token: signedIn.accessToken, guestToken: null, cookie: null };
  await authenticator.principalOf(credentials);
  await administration.change(ann, { disabledAt: 1_000 });
  await expect(authenticator.principalOf(credentials)).rejects.toMatchObject({ code: 'ended' });
  expect(live.endedAll).toEqual([[ann, null]]);
  await administration.change(ann, { disabledAt: null });
  await expect(authenticator.principalOf(credentials)).rejects.toMatchObject({ code: 'ended' });
});

it('a new password ends all sessions but the one it was changed in', async () => {
  const { live, services, addAccount } = await accountScene();
  const { authSessions, administration } = services;
  const ann = await addAccount('ann');
  const here = await authSessions.start(ann, nowhere);
  await authSessions.start(ann, nowhere);
  const { sessionId } = here.signedIn;
  await administration.change(ann, { passwordHash: 'x' }, sessionId);
  expect((await authSessions.listOf(ann)).map(({ id }) => id)).toEqual([sessionId]);
  expect(live.endedAll).toEqual([[ann, sessionId]]);
});

it('an unknown account is reported as not found', async () => {
  const { services } = await accountScene();
  await expect(services.administration.change('0'.repeat(32), {})).rejects.toMatchObject({
    code: 'accountNotFound',
  });
});
