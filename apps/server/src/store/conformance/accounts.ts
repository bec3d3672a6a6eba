/** The contract of each store for accounts; see conformance.ts. */
import { describe, expect, it } from 'vitest';
import {
  DuplicateAccountError,
  InvitationError,
  type AccountRecord,
  type ApiTokenRecord,
  type AuthSessionRecord,
  type InvitationRecord,
} from '../ports/account-store.ts';
import type { Store } from '../ports/store.ts';
import { documentId, emptyDocument, recordOf } from '../test-batches.ts';

const accountOf = (name: string, change: Partial<AccountRecord> = {}): AccountRecord => ({
  userId: `id-${name}`,
  userName: name,
  email: `${name}@example.org`,
  passwordHash: null,
  subject: null,
  isAdmin: false,
  createdAt: 1,
  disabledAt: null,
  ...change,
});
const sessionOf = (id: string, change: Partial<AuthSessionRecord> = {}): AuthSessionRecord => ({
  id,
  userId: 'id-ann',
  tokenHash: 'first',
  formerTokenHash: null,
  attemptHash: null,
  rotatedAt: 1,
  createdAt: 1,
  lastUsedAt: 1,
  expiresAt: 1_000,
  provenAt: 1,
  userAgent: 'A browser',
  address: '10.0.0.1',
  ...change,
});
const tokenOf = (id: string, change: Partial<ApiTokenRecord> = {}): ApiTokenRecord => ({
  id,
  userId: 'id-ann',
  label: 'A program',
  tokenHash: `hash of ${id}`,
  scopes: ['documents:read', 'sharing'],
  createdAt: 1,
  lastUsedAt: null,
  expiresAt: null,
  ...change,
});
const invitationOf = (id: string, change: Partial<InvitationRecord> = {}): InvitationRecord => ({
  id,
  tokenHash: `hash of ${id}`,
  label: '',
  isAdmin: false,
  createdBy: null,
  createdAt: 1,
  expiresAt: 1_000,
  usedBy: null,
  ...change,
});

export function describeAccounts(current: () => Store, reopen: () => Promise<void>): void {
  describe('accounts', () => {
    it('are found by id, user name, email address and subject', async () => {
      const ann = accountOf('ann', {
        subject: 'issuer subject',
        passwordHash: 'hash',
        isAdmin: true,
      });
      await current().accounts.create(ann, null);
      await current().accounts.create(accountOf('bob', { email: null }), null);
      await reopen();
      const { accounts } = current();
      expect(await accounts.get('id-ann')).toEqual(ann);
      expect(await accounts.ofLogin('ann')).toEqual(ann);
      expect(await accounts.ofLogin('ann@example.org')).toEqual(ann);
      expect(await accounts.ofSubject('issuer subject')).toEqual(ann);
      expect(await accounts.ofLogin('eve')).toBeNull();
      expect(await accounts.list('', 10)).toHaveLength(2);
      expect(await accounts.list('ann', 10)).toMatchObject([{ userName: 'bob' }]);
      expect(await accounts.adminCount()).toBe(1);
      expect(await current().people.namesOf(['id-ann', 'unknown'])).toEqual(
        new Map([
          ['id-ann', { name: null, userName: 'ann' }],
          ['unknown', { name: null, userName: null }],
        ]),
      );
    });

    it('are unique in each of these keys', async () => {
      const { accounts } = current();
      await accounts.create(accountOf('ann', { subject: 'subject' }), null);
      const other = { userId: 'id-eve', userName: 'eve', email: 'eve@example.org' };
      for (const [field, taken] of [
        ['userId', { userId: 'id-ann' }],
        ['userName', { userName: 'ann' }],
        ['email', { email: 'ann@example.org' }],
        ['subject', { subject: 'subject' }],
      ] as const) {
        const created = accounts.create(accountOf('eve', { ...other, ...taken }), null);
        await expect(created, field).rejects.toMatchObject({ code: 'duplicateAccount', field });
      }
      await accounts.create(accountOf('eve', other), null);
      const changed = accounts.change('id-eve', { email: 'ann@example.org' });
      await expect(changed).rejects.toThrow(DuplicateAccountError);
      await accounts.change('id-eve', { email: null, disabledAt: 5, isAdmin: true });
      expect(await accounts.get('id-eve')).toMatchObject({ email: null, disabledAt: 5 });
      expect(await accounts.adminCount()).toBe(0);
    });

    it('use up an invitation in the write that creates them', async () => {
      const { accounts, invitations } = current();
      await invitations.create(invitationOf('one'));
      const used = (hash: string, now: number) => ({ hash, now });
      const late = accounts.create(accountOf('late'), used('hash of one', 1_000));
      await expect(late).rejects.toThrow(InvitationError);
      await expect(accounts.create(accountOf('no'), used('none', 1))).rejects.toThrow(InvitationError); // prettier-ignore
      await accounts.create(accountOf('ann'), null);
      const taken = accounts.create(accountOf('ann'), used('hash of one', 1));
      await expect(taken).rejects.toThrow(DuplicateAccountError);
      expect(await invitations.ofHash('hash of one')).toEqual(invitationOf('one'));
      const both = await Promise.allSettled([
        accounts.create(accountOf('bob'), used('hash of one', 1)),
        accounts.create(accountOf('eve'), used('hash of one', 1)),
      ]);
      expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect(await accounts.ofLogin('eve')).toBeNull();
      expect(await invitations.ofHash('hash of one')).toBeNull();
      expect(await invitations.list()).toEqual([invitationOf('one', { usedBy: 'id-bob' })]);
    });

    it('are invited, and invitations can be revoked', async () => {
      const { invitations } = current();
      await invitations.create(invitationOf('start', { isAdmin: true }));
      await invitations.create(invitationOf('new', { createdBy: 'id-ann', createdAt: 2 }));
      expect((await invitations.list()).map(({ id }) => id)).toEqual(['new', 'start']);
      await invitations.removeUnusedOfFirstStart();
      expect((await invitations.list()).map(({ id }) => id)).toEqual(['new']);
      expect(await invitations.remove('new')).toBe(true);
      expect(await invitations.remove('new')).toBe(false);
    });

    it('that are removed leave only the operations they wrote', async () => {
      const { accounts, documents, access, authSessions, apiTokens, library, people } = current();
      const [own, shared, foreign] = [documentId('own'), documentId('both'), documentId('bobs')];
      await accounts.create(accountOf('ann'), null);
      await people.setName('id-ann', 'Ann');
      for (const id of [own, shared]) {
        await documents.createWithText(emptyDocument(recordOf(id, { createdBy: 'id-ann' })));
      }
      await documents.createWithText(emptyDocument(recordOf(foreign, { createdBy: 'id-bob' })));
      await access.grant(shared, 'id-bob', 'owner');
      await access.grant(foreign, 'id-ann', 'editor');
      await library.setStarred('id-ann', foreign, true);
      await authSessions.create(sessionOf('session'));
      await apiTokens.create(tokenOf('token'));
      await accounts.remove('id-ann');
      await reopen();
      expect(await current().accounts.get('id-ann')).toBeNull();
      expect(await current().accounts.isTaken('id-ann')).toBe(true);
      expect(await current().accounts.isTaken('id-bob')).toBe(false);
      const again = current().accounts.create(accountOf('ann'), null);
      await expect(again).rejects.toMatchObject({ code: 'duplicateAccount', field: 'userId' });
      expect((await current().documents.ids()).toSorted()).toEqual([shared, foreign].toSorted());
      expect((await current().access.get(shared))?.people).toEqual(new Map([['id-bob', 'owner']]));
      expect(await current().access.get(foreign)).toMatchObject({ epoch: 3 });
      expect(await current().authSessions.get('session')).toBeNull();
      expect(await current().apiTokens.ofHash('hash of token')).toBeNull();
      expect(await current().people.nameOf('id-ann')).toBeNull();
      expect(await current().library.entry(foreign, 'id-ann')).toMatchObject({ starred: false });
    });
  });

  it('a new password removes API tokens and proofs of the account, and of no other', async () => {
    const { accounts, authSessions, apiTokens } = current();
    for (const name of ['ann', 'bob']) {
      const userId = `id-${name}`;
      await accounts.create(accountOf(name), null);
      await authSessions.create(sessionOf(name, { userId }));
      await authSessions.proven(name, 77);
      await apiTokens.create(tokenOf(name, { userId }));
    }
    expect(await authSessions.get('ann')).toEqual(sessionOf('ann', { provenAt: 77 }));
    await accounts.change('id-ann', { email: null });
    expect(await apiTokens.listOf('id-ann')).toHaveLength(1);
    await accounts.change('id-ann', { passwordHash: 'new' });
    expect(await apiTokens.ofHash('hash of ann')).toBeNull();
    expect(await authSessions.get('ann')).toMatchObject({ provenAt: 0 });
    expect(await apiTokens.listOf('id-bob')).toHaveLength(1);
    expect(await authSessions.get('bob')).toMatchObject({ provenAt: 77 });
  });

  describe('auth sessions', () => {
    it('rotate only the token in use, once', async () => {
      const { authSessions } = current();
      await authSessions.create(sessionOf('one'));
      const rotation = {
        ...{
          fromHash: 'first',
          toHash: 'second',
          attemptHash: 'attempt',
          at: 50,
          expiresAt: 2_000,
        },
        ...{ userAgent: 'Another', address: '10.0.0.2' },
      };
      const both = await Promise.all([
        authSessions.rotate('one', rotation),
        authSessions.rotate('one', { ...rotation, toHash: 'third' }),
      ]);
      expect(both).toEqual([true, false]);
      await reopen();
      expect(await current().authSessions.get('one')).toEqual(
        sessionOf('one', {
          ...{ tokenHash: 'second', formerTokenHash: 'first', attemptHash: 'attempt' },
          ...{ rotatedAt: 50, lastUsedAt: 50, expiresAt: 2_000 },
          ...{ userAgent: 'Another', address: '10.0.0.2' },
        }),
      );
      expect(await current().authSessions.rotate('none', rotation)).toBe(false);
    });

    it('are listed by last use, can be ended singly or all but one, and expire', async () => {
      const { authSessions, accounts } = current();
      await accounts.create(accountOf('ann'), null);
      for (const [place, id] of ['a', 'b', 'c', 'd'].entries()) {
        await authSessions.create(sessionOf(id, { lastUsedAt: place, expiresAt: 100 + place }));
      }
      await authSessions.create(sessionOf('bobs', { userId: 'id-bob' }));
      const ids = async () => (await authSessions.listOf('id-ann')).map(({ id }) => id);
      expect(await ids()).toEqual(['d', 'c', 'b', 'a']);
      expect(await authSessions.alive(['a', 'd', 'bobs', 'none'])).toEqual(new Set(['a', 'd']));
      await authSessions.removeExpired(100);
      await authSessions.end('d');
      expect(await ids()).toEqual(['c', 'b']);
      await authSessions.endAllOf('id-ann', 'b');
      expect(await ids()).toEqual(['b']);
      await accounts.change('id-ann', { disabledAt: 7 });
      expect(await authSessions.alive(['b'])).toEqual(new Set());
      await authSessions.endAllOf('id-ann', null);
      expect(await ids()).toEqual([]);
      expect(await authSessions.get('bobs')).not.toBeNull();
    });
  });

  it('API tokens are found by hash while their account is enabled', async () => {
    const { apiTokens, accounts } = current();
    await accounts.create(accountOf('ann'), null);
    await apiTokens.create(tokenOf('one'));
    await apiTokens.create(tokenOf('two', { createdAt: 2, expiresAt: 100 }));
    await apiTokens.used('one', 55);
    expect(await apiTokens.ofHash('hash of one')).toEqual(tokenOf('one', { lastUsedAt: 55 }));
    expect((await apiTokens.listOf('id-ann')).map(({ id }) => id)).toEqual(['one', 'two']);
    expect(await apiTokens.alive(['one', 'two', 'none'], 100)).toEqual(new Set(['one']));
    expect(await apiTokens.remove('id-bob', 'two')).toBe(false);
    expect(await apiTokens.remove('id-ann', 'two')).toBe(true);
    await accounts.change('id-ann', { disabledAt: 7 });
    expect(await apiTokens.ofHash('hash of one')).toBeNull();
    expect(await apiTokens.alive(['one'], 1)).toEqual(new Set());
  });

  it('kept answers are found by key until they expire', async () => {
    const { keptAnswers } = current();
    const answer = { requestHash: 'r', status: 201, headers: { etag: '"1"' }, body: '{}', at: 10 };
    expect(await keptAnswers.get('key')).toBeNull();
    await keptAnswers.put('key', answer);
    expect(await keptAnswers.get('key')).toEqual(answer);
    await keptAnswers.removeBefore(10);
    expect(await keptAnswers.get('key')).toEqual(answer);
    await keptAnswers.removeBefore(11);
    expect(await keptAnswers.get('key')).toBeNull();
  });

  it('a secret is created once for each name, and does not change', async () => {
    const [first, again, other] = await Promise.all([
      current().secret('one'),
      current().secret('one'),
      current().secret('other'),
    ]);
    expect(first).toHaveLength(32);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    await reopen();
    expect(new Uint8Array(await current().secret('one'))).toEqual(new Uint8Array(first));
  });
}
