/** Writes share a transaction: one that finds something taken changes nothing and harms no other. */
import { describe, expect, it } from 'vitest';
import { LastOwnerError } from '../ports/access-store.ts';
import { DuplicateAccountError, InvitationError } from '../ports/account-store.ts';
import { DuplicateBatchError, DuplicateDocumentError } from '../ports/store.ts';
import { batchOf, recordOf } from '../test-batches.ts';
import { accountOf, invitationOf } from '../test-records.ts';
import { append, notes, plan, readAll, type Scene } from './scene.ts';

export function describeSharedTransactions(scene: Scene): void {
  it('a write that finds something taken fails alone among those handed in with it', async () => {
    const { store } = scene;
    await store.documents.create(recordOf(plan), 'off');
    await store.accounts.create(accountOf('ann'), null);
    await store.invitations.create(invitationOf('one'));
    const accessBefore = await store.access.get(plan);
    const results = await Promise.allSettled([
      append(scene, batchOf(plan, 1, 2)),
      store.access.revoke(plan, 'ann'),
      store.access.grant(plan, 'ann', 'viewer'),
      append(scene, batchOf(plan, 2)),
      store.documents.create(recordOf(plan, { title: 'Taken' }), 'editor'),
      store.accounts.create(accountOf('ann'), { hash: 'hash-of-one', now: 1 }),
      store.accounts.create(accountOf('late'), { hash: 'hash-of-one', now: 1_000 }),
      append(scene, batchOf(plan, 3)),
      store.documents.create(recordOf(notes), 'off'),
    ]);
    const reasons = results.map((result) =>
      result.status === 'fulfilled' ? null : (result.reason as Error).constructor,
    );
    expect(reasons).toEqual([
      ...[null, LastOwnerError, LastOwnerError, DuplicateBatchError, DuplicateDocumentError],
      ...[DuplicateAccountError, InvitationError, null, null],
    ]);
    await scene.reopen();
    expect(await readAll(scene)).toHaveLength(3);
    expect(await scene.store.access.get(plan)).toEqual(accessBefore);
    expect(await scene.store.documents.get(plan)).toMatchObject({ title: 'Untitled' });
    expect(await scene.store.documents.get(notes)).not.toBeNull();
    expect(await scene.store.accounts.get('late')).toBeNull();
    expect(await scene.store.invitations.ofHash('hash-of-one')).not.toBeNull();
  });

  describe('what a write answers', () => {
    it('reaches the one who asked, whatever else is in its group', async () => {
      const { access, documents, apiTokens } = scene.store;
      await documents.create(recordOf(plan), 'off');
      await access.grant(plan, 'bob', 'editor');
      expect(
        await Promise.all([
          access.revoke(plan, 'nobody'),
          append(scene, batchOf(plan, 1)),
          access.revoke(plan, 'bob'),
          apiTokens.remove('ann', 'none'),
          append(scene, batchOf(plan, 2)),
        ]),
      ).toEqual([false, undefined, true, false, undefined]);
    });
  });
}
