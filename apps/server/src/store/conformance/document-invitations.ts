/** The contract of every store about invitations to documents; see conformance.ts. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../ports/store.ts';
import { documentId, emptyDocument, recordOf } from '../test-batches.ts';
import { documentInvitationOf } from '../test-records.ts';

const plan = documentId('plan');
const notes = documentId('notes');

export function describeDocumentInvitations(
  current: () => Store,
  reopen: () => Promise<void>,
): void {
  describe('invitations to documents', () => {
    const invitations = () => current().documentInvitations;
    const received = async (userId: string, now = 1) =>
      (await invitations().receivedBy(userId, now, 10)).map(({ id }) => id);
    const listed = async (now = 1) =>
      (await invitations().ofDocument(plan, now)).map(({ id }) => id);
    beforeEach(async () => {
      for (const id of [plan, notes]) {
        await current().documents.createWithText(
          emptyDocument(recordOf(id, { createdBy: 'ann', title: 'Plan' })),
        );
      }
    });

    it('are listed by document and by person until they expire, oldest first', async () => {
      await invitations().invite(documentInvitationOf('late', plan, { createdAt: 5 }));
      await invitations().invite(documentInvitationOf('early', plan, { userId: null }));
      await invitations().invite(documentInvitationOf('notes', notes));
      await reopen();
      expect(await listed()).toEqual(['early', 'late']);
      expect(await received('eve')).toEqual(['notes', 'late']);
      expect(await invitations().receivedBy('eve', 1, 1)).toEqual(
        [...[{ id: 'notes', title: 'Plan', role: 'viewer', invitedBy: 'ann' }]].map((each) => ({
          ...each,
          createdAt: 1,
          expiresAt: 1_000,
        })),
      );
      expect(await invitations().openCountBy('ann', 999)).toBe(3);
      expect([await listed(1_000), await received('eve', 1_000)]).toEqual([[], []]);
      await invitations().removeExpired(1_000);
      expect(await listed()).toEqual([]);
    });

    it('grant their role once, to the invited person, in one write', async () => {
      await invitations().invite(documentInvitationOf('one', plan, { role: 'owner' }));
      expect(await invitations().accept('one', 'bob', 1)).toBeNull();
      expect(await invitations().accept('one', 'eve', 1_000)).toBeNull();
      const both = await Promise.all([
        invitations().accept('one', 'eve', 1),
        invitations().accept('one', 'eve', 1),
      ]);
      expect(both).toEqual([plan, null]);
      await reopen();
      const access = await current().access.get(plan);
      expect(access?.people.get('eve')).toBe('owner');
      expect(access?.epoch).toBe(2);
      // A lower role than one's own changes nothing.
      await invitations().invite(documentInvitationOf('less', plan));
      expect(await invitations().accept('less', 'eve', 1)).toBe(plan);
      expect((await current().access.get(plan))?.people.get('eve')).toBe('owner');
    });

    it('are replaced by another for the same login, and can be withdrawn', async () => {
      await invitations().invite(documentInvitationOf('one', plan, { invited: 'eve' }));
      const again = documentInvitationOf('two', plan, { invited: 'eve', role: 'editor' });
      expect(await invitations().invite(again)).toBe('one');
      expect(await invitations().ofDocument(plan, 1)).toMatchObject([
        { id: 'one', role: 'editor' },
      ]);
      expect(await invitations().withdraw(notes, 'one', 1)).toBe(false);
      expect(await invitations().withdraw(plan, 'one', 1)).toBe(true);
      expect(await invitations().withdraw(plan, 'one', 1)).toBe(false);
      expect([await listed(), await received('eve')]).toEqual([[], []]);
      expect(await invitations().accept('one', 'eve', 1)).toBeNull();
      expect(await invitations().openCountBy('ann', 1)).toBe(1);
    });

    it('that were declined stay listed for owners, and are not shown to the person again', async () => {
      await invitations().invite(documentInvitationOf('one', plan));
      expect(await invitations().decline('one', 'bob', 1)).toBe(false);
      expect(await invitations().decline('one', 'eve', 1)).toBe(true);
      expect(await invitations().decline('one', 'eve', 1)).toBe(false);
      expect(await listed()).toEqual(['one']);
      expect(await received('eve')).toEqual([]);
      await invitations().withdraw(plan, 'one', 1);
      await invitations().invite(documentInvitationOf('two', plan, { createdAt: 2 }));
      expect(await listed()).toEqual(['two']);
      expect(await received('eve')).toEqual([]);
      await invitations().invite(documentInvitationOf('notes', notes));
      expect(await received('eve')).toEqual(['notes']);
    });

    it('end with the ownership of the inviter, and with the accounts of both', async () => {
      await current().access.grant(plan, 'bob', 'owner');
      await invitations().invite(documentInvitationOf('bobs', plan, { invitedBy: 'bob' }));
      await current().access.grant(plan, 'bob', 'editor');
      expect([await listed(), await received('eve')]).toEqual([[], []]);
      expect(await invitations().accept('bobs', 'eve', 1)).toBeNull();
      await invitations().invite(documentInvitationOf('anns', plan));
      await current().accounts.remove('eve');
      expect(await listed()).toEqual(['anns']);
      expect(await received('eve')).toEqual([]);
    });

    it('to a trashed document are suspended, and end when the person is removed', async () => {
      await invitations().invite(documentInvitationOf('one', plan, { invited: 'eve' }));
      await current().documents.setTrashed(plan, 1);
      expect(await received('eve')).toEqual([]);
      expect(await invitations().accept('one', 'eve', 1)).toBeNull();
      await current().documents.setTrashed(plan, null);
      await current().access.grant(plan, 'eve', 'viewer');
      await current().access.revoke(plan, 'eve');
      expect(await received('eve')).toEqual([]);
    });
  });
}
