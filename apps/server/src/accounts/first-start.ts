/** The first administrator: while there is none, each start prints a link that makes one. */
import { randomId } from '@concord/protocol';
import type { Store } from '../store/ports/store.ts';
import { tokenHash } from './secrets.ts';

const INVITATION_MS = 24 * 60 * 60 * 1_000;

/** The page where an invitation is used. In the fragment, which no server and no log gets to see. */
export function invitationPath(token: string): string {
  return `/sign-up#${token}`;
}

/**
 * A path for whoever administers this installation, good once and for a day; null when somebody does
 * already. Links of earlier starts that nobody used are worthless from now on.
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
