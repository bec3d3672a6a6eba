/** Group commit: a write that fails on a unique key changes nothing and does not affect others of its transaction. */
import { describe, expect, it } from 'vitest';
import { LastOwnerError } from '../ports/access-store.ts';
import {
  DuplicateAccountError,
  InvitationError,
  LastAdministratorError,
} from '../ports/account-store.ts';
import {
  DuplicateBatchError,
  DuplicateDocumentError,
  DuplicateRecordError,
  type Store,
} from '../ports/store.ts';
import { batchOf, emptyDocument, recordOf } from '../test-batches.ts';
import { accountOf, invitationOf, linkOf, sessionOf, tokenOf } from '../test-records.ts';
import { append, notes, plan, readAll, type Scene } from './scene.ts';

export function describeSharedTransactions(scene: Scene): void {
  it('a write that fails on a unique key fails alone in its group', async () => {
    const { store } = scene;
    await store.documents.createWithText(emptyDocument(recordOf(plan)));
    await store.accounts.create(accountOf('ann'), null);
    await store.invitations.create(invitationOf('one'));
    const accessBefore = await store.access.get(plan);
    const results = await Promise.allSettled([
      append(scene, batchOf(plan, 1, 2)),
      store.access.revoke(plan, 'ann'),
      store.access.grant(plan, 'ann', 'viewer'),
      append(scene, batchOf(plan, 2)),
      store.documents.createWithText(emptyDocument(recordOf(plan, { title: 'Taken' }), 'editor')),
      store.accounts.create(accountOf('ann'), { hash: 'hash-of-one', now: 1 }),
      store.accounts.create(accountOf('late'), { hash: 'hash-of-one', now: 1_000 }),
      append(scene, batchOf(plan, 3)),
      store.documents.createWithText(emptyDocument(recordOf(notes))),
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

  describe('a record that exists already', () => {
    it.each<[string, (store: Store) => Promise<unknown>]>([
      ['a link by its id', ({ access }) => access.addLink(linkOf('one', plan, { tokenHash: 'x' }))],
      [
        'a link by its token',
        ({ access }) => access.addLink(linkOf('x', plan, { tokenHash: 'hash-of-one' })),
      ],
      [
        'an API token by its id',
        ({ apiTokens }) => apiTokens.create(tokenOf('one', 'ann', { tokenHash: 'x' })),
      ],
      [
        'an API token by its token',
        ({ apiTokens }) => apiTokens.create(tokenOf('x', 'ann', { tokenHash: 'hash-of-one' })),
      ],
      [
        'an invitation by its id',
        ({ invitations }) => invitations.create(invitationOf('one', { tokenHash: 'x' })),
      ],
      [
        'an invitation by its token',
        ({ invitations }) => invitations.create(invitationOf('x', { tokenHash: 'hash-of-one' })),
      ],
      ['a session by its id', ({ authSessions }) => authSessions.create(sessionOf('one', 'bob'))],
    ])('is refused as such, and stays as it was: %s', async (_what, create) => {
      const { access, apiTokens, invitations, authSessions, documents } = scene.store;
      await documents.createWithText(emptyDocument(recordOf(plan)));
      await access.addLink(linkOf('one', plan));
      await apiTokens.create(tokenOf('one', 'ann'));
      await invitations.create(invitationOf('one'));
      await authSessions.create(sessionOf('one', 'ann'));
      const refused = create(scene.store);
      await expect(refused).rejects.toThrow(DuplicateRecordError);
      await expect(refused).rejects.toMatchObject({ fatal: false });
      expect(await access.links(plan)).toEqual([{ ...linkOf('one', plan), people: 0 }]);
      expect(await apiTokens.listOf('ann')).toEqual([tokenOf('one', 'ann')]);
      expect(await invitations.list()).toEqual([invitationOf('one')]);
      expect(await authSessions.get('one')).toEqual(sessionOf('one', 'ann'));
    });
  });

  describe('the last administrator', () => {
    const admin = (userId: string) => accountOf(userId, { isAdmin: true });

    it('is not demoted, disabled or removed; others are', async () => {
      const { accounts } = scene.store;
      await accounts.create(admin('ann'), null);
      await accounts.create(admin('bob'), null);
      await accounts.create(accountOf('eve'), null);
      await accounts.change('bob', { disabledAt: 5 });
      const refused = await Promise.allSettled([
        accounts.change('ann', { isAdmin: false }),
        accounts.change('ann', { disabledAt: 5 }),
        accounts.remove('ann'),
      ]);
      for (const result of refused) {
        expect(result).toMatchObject({ reason: expect.any(LastAdministratorError) as unknown });
      }
      expect(await accounts.get('ann')).toEqual(admin('ann'));
      await accounts.change('ann', { email: 'ann@example.org' });
      await accounts.change('bob', { isAdmin: false });
      await accounts.change('eve', { disabledAt: 5 });
      await accounts.remove('bob');
      await accounts.remove('eve');
      expect(await accounts.adminCount()).toBe(1);
    });

    it('remains when two demote each other concurrently', async () => {
      const { accounts } = scene.store;
      await accounts.create(admin('ann'), null);
      await accounts.create(admin('bob'), null);
      const results = await Promise.allSettled([
        accounts.change('ann', { isAdmin: false }),
        accounts.change('bob', { isAdmin: false }),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect(await accounts.adminCount()).toBe(1);
    });
  });

  it('an account and its name are created atomically', async () => {
    const { accounts, people, invitations } = scene.store;
    await invitations.create(invitationOf('one'));
    const tooLate = { hash: 'hash-of-one', now: 1_000 };
    await expect(accounts.create(accountOf('ann'), tooLate, 'Ann')).rejects.toThrow(
      InvitationError,
    );
    expect(await people.nameOf('ann')).toBeNull();
    await accounts.create(accountOf('ann'), { ...tooLate, now: 999 }, 'Ann');
    expect(await people.nameOf('ann')).toBe('Ann');
    await people.setName('bob', 'Bob');
    await accounts.create(accountOf('bob'), null);
    expect(await people.nameOf('bob')).toBe('Bob');
  });

  describe('the result of a write', () => {
    it('reaches its own caller, whatever else is in its group', async () => {
      const { access, documents, apiTokens } = scene.store;
      await documents.createWithText(emptyDocument(recordOf(plan)));
      await access.grant(plan, 'bob', 'editor');
      expect(
        await Promise.all([
          access.revoke(plan, 'stranger'),
          append(scene, batchOf(plan, 1)),
          access.revoke(plan, 'bob'),
          apiTokens.remove('ann', 'none'),
          append(scene, batchOf(plan, 2)),
        ]),
      ).toEqual([false, undefined, true, false, undefined]);
    });
  });
}
