import { beforeEach, expect, it } from 'vitest';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';
import { accountOf } from '../store/test-records.ts';
import { inviteFirstAdmin } from './first-start.ts';
import { tokenHash } from './secrets.ts';
import { accountScene } from './test-accounts.ts';

const DAY = 24 * 3_600_000;

let store: Store;
beforeEach(() => (store = openMemoryStore()));

async function invite(now: number): Promise<string> {
  const path = await inviteFirstAdmin(store, now);
  expect(path).toMatch(/^\/sign-up#[a-z2-7]{26}$/);
  return tokenHash(path?.split('#')[1] ?? '');
}

it('a first start creates an administrator link, valid for a day', async () => {
  const hash = await invite(1_000);
  await expect(store.invitations.ofHash(hash)).resolves.toMatchObject({
    isAdmin: true,
    createdBy: null,
    expiresAt: 1_000 + DAY,
  });
});

it('a second start creates another link, and revokes the first', async () => {
  const first = await invite(1_000);
  const second = await invite(2_000);
  await expect(store.invitations.ofHash(first)).resolves.toBeNull();
  await expect(store.invitations.ofHash(second)).resolves.not.toBeNull();
});

it('a start with an administrator creates no link, and revokes one printed before', async () => {
  const scene = await accountScene();
  store = scene.store;
  const before = await invite(1_000);
  await scene.addAccount('ann', { isAdmin: true });
  await expect(inviteFirstAdmin(store, 2_000)).resolves.toBeNull();
  await expect(store.invitations.ofHash(before)).resolves.toBeNull();
});

it('a start whose administrators are all disabled creates a link', async () => {
  const scene = await accountScene();
  store = scene.store;
  await store.accounts.create(accountOf('ann', { isAdmin: true, disabledAt: 1_000 }), null);
  await invite(2_000);
});

it('invitations by administrators are kept', async () => {
  await store.invitations.create({
    id: 'abcdefghijklmnopqrstuvwxyz',
    tokenHash: tokenHash('theirs'),
    label: '',
    isAdmin: false,
    createdBy: '0'.repeat(32),
    createdAt: 0,
    expiresAt: DAY,
    usedBy: null,
  });
  await invite(1_000);
  await expect(store.invitations.ofHash(tokenHash('theirs'))).resolves.not.toBeNull();
});
