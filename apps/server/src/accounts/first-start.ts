/** The first administrator: while there is none, each start prints an invitation link for one. */
import { randomId } from '@concord/protocol';
import type { Store } from '../store/ports/store.ts';
import { tokenHash } from './secrets.ts';

const INVITATION_MS = 24 * 60 * 60 * 1_000;

/** Path of the page that redeems an invitation. The fragment has the token, because browsers never send it. */
export function invitationPath(token: string): string {
  return `/sign-up#${token}`;
}

/**
 * A path that creates the administrator account, valid once and for a day; null when there is an administrator.
 * Revokes unused links of earlier starts.
 */
export async function inviteFirstAdmin(
  store: Pick<Store, 'accounts' | 'invitations'>,
  now: number = Date.now(),
): Promise<string | null> {
  await store.invitations.removeUnusedOfFirstStart();
  if ((await store.accounts.adminCount()) > 0) return null;
  const token = randomId();
  await store.invitations.create({
    id: randomId(),
    tokenHash: tokenHash(token),
    label: 'First administrator',
    isAdmin: true,
    createdBy: null,
    createdAt: now,
    expiresAt: now + INVITATION_MS,
    usedBy: null,
  });
  return invitationPath(token);
}
